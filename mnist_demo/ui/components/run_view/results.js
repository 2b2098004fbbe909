import { make, makeButton, percent } from "../elements.js";
import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";
import { isTellable, Refused } from "./server.js";

/**
 * @import { Analysis, EndedEvent, Run, Sample } from "./types.js"
 * @import { Server } from "./server.js"
 */

/** What a trained network does with the test images: right and wrong told apart by a mark and a border, not by colour alone. */
export class Results {
  /**
   * @param {HTMLElement} section
   * @param {Server} server
   * @param {(text: string) => void} say tells what went wrong
   */
  constructor(section, server, say) {
    this.section = section;
    this.server = server;
    this.say = say;
    this.run = ""; // id of the one that is shown
    const digits = Array.from({ length: 10 }, (_, digit) => make("th", { scope: "col" }, `${digit}`));
    this.find("thead").append(make("tr", {}, make("td"), ...digits));
  }

  /** @param {string} selector */
  find(selector) {
    return find(this.section, selector);
  }

  clear() {
    this.run = "";
    this.section.hidden = true;
  }

  /**
   * Show a run that has weights.
   * @param {Run} run
   * @param {EndedEvent} ended its last event
   */
  async show(run, ended) {
    this.run = run.run;
    this.section.hidden = false;
    this.find(".final").textContent = Results.summarise(run, ended);
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (this.section.querySelectorAll("[data-download]"))) {
      link.href = `runs/${run.run}/${link.dataset.download}`;
    }
    this.find(".analysis").hidden = true;
    this.offerWeights(true);
    try {
      const analysis = await this.server.ask(`runs/${run.run}/analysis`);
      if (this.run === run.run) this.fill(analysis);
    } catch (error) {
      if (this.run !== run.run) return;
      this.offerWeights(!(error instanceof Refused));
      this.complain(error, "The analysis of this network cannot be shown");
    }
  }

  /**
   * Say how good a run has become.
   * @param {Run} run
   * @param {EndedEvent} ended
   */
  static summarise(run, { train_accuracy: train, test_accuracy: test }) {
    const final =
      train === null
        ? "Stopped early: the network can be used as it is."
        : `Final: ${percent(test)} on the test set, ${percent(train)} on the training set.`;
    return run.best_epoch ? `${final} Best: ${percent(run.best_test_accuracy)} after epoch ${run.best_epoch}.` : final;
  }

  /**
   * Let the network be used and downloaded, or not: its weights may be gone.
   * @param {boolean} areThere
   */
  offerWeights(areThere) {
    for (const selector of [".use", "[data-download=weights]"]) this.find(selector).hidden = !areThere;
  }

  /** @param {unknown} error @param {string} what */
  complain(error, what) {
    if (!isTellable(error)) throw error;
    this.say(error instanceof Refused ? `${what}: ${error.message}.` : `${what}: ${error.message} Reload the page to try again.`);
  }

  /** @param {Analysis} analysis */
  fill({ confusion, classes, mistakes, first_layer: firstLayer }) {
    this.find(".analysis").hidden = false;
    this.find(".confusion tbody").replaceChildren(...confusion.map((row, label) => this.makeRow(row, label)));
    this.find(".classes").replaceChildren(...classes.flatMap((share, digit) => Results.makeBar(share, digit)));
    this.showPictures("Worst mistakes", mistakes);
    this.find(".units").replaceChildren(...firstLayer.units.map((unit) => Results.makeUnit(unit, firstLayer.side)));
  }

  /** @param {number[]} counts @param {number} label */
  makeRow(counts, label) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count, guess) => {
      const title = `${count} of ${total} images of ${label} read as ${guess}`;
      const properties = { title, ariaLabel: title, disabled: !count };
      const button = makeButton(count ? `${count}` : "", () => this.showCell(label, guess), properties);
      button.classList.toggle("right", label === guess);
      // The eye sees shares of a hundredth as well as of one.
      button.style.setProperty("--share", `${count ? 0.15 + 0.85 * Math.sqrt(count / Math.max(total, 1)) : 0}`);
      return make("td", {}, button);
    });
    return make("tr", {}, make("th", { scope: "row" }, `${label}`), ...cells);
  }

  /** @param {number} label @param {number} guess */
  async showCell(label, guess) {
    const { run } = this;
    try {
      const samples = await this.server.ask(`runs/${run}/cell?label=${label}&guess=${guess}`);
      if (run !== this.run) return;
      const title = label === guess ? `Images of ${label}, read correctly` : `Images of ${label}, read as ${guess}`;
      this.showPictures(`${title}: most confident first`, samples);
      const pictures = /** @type {HTMLDetailsElement} */ (this.find(".pictures"));
      pictures.open = true;
      pictures.scrollIntoView({ block: "nearest", behavior: "smooth" });
    } catch (error) {
      this.complain(error, "These images cannot be shown");
    }
  }

  /** @param {string} title @param {Sample[]} samples */
  showPictures(title, samples) {
    this.find(".pictures h3").textContent = title;
    this.find(".pictures .grid").replaceChildren(...samples.map(Results.makeFigure));
  }

  /** @param {Sample} sample */
  static makeFigure({ index, label, digit, confidence, pixels }) {
    const isRight = digit === label;
    const canvas = make("canvas", { width: 28, height: 28 });
    drawPixels(canvas, pixels);
    const caption = make("figcaption", {}, isRight ? `✓ ${digit}` : `✗ ${digit}, is ${label}`);
    const title = `Test sample ${index}, labelled ${label}, read as ${digit} with ${percent(confidence)}`;
    return make("figure", { className: isRight ? "" : "wrong", title }, canvas, caption);
  }

  /** @param {number | null} share @param {number} digit */
  static makeBar(share, digit) {
    const bar = make("i");
    bar.style.width = `${100 * (share ?? 0)}%`;
    const track = make("span", { className: "track" }, bar);
    return [make("dt", {}, `${digit}`), make("dd", {}, track, percent(share))];
  }

  /** @param {string} pixels @param {number} side */
  static makeUnit(pixels, side) {
    const canvas = make("canvas", { width: side, height: side });
    drawPixels(canvas, pixels, side);
    return canvas;
  }
}
