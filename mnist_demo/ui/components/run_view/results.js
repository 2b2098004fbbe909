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
   * @param {string[]} classes - names of the ten classes
   * @param {(text: string) => void} say tells what went wrong
   */
  constructor(section, server, classes, say) {
    this.section = section;
    this.server = server;
    this.classes = classes;
    this.say = say;
    this.run = ""; // id of the one that is shown
    this.epoch = -1; // after which epoch it is shown; -1 for its end
    const columns = classes.map((name) => make("th", { scope: "col", title: name }, name));
    this.find("thead").append(make("tr", {}, make("td"), ...columns));
    const isDigits = classes.every((name, label) => name === `${label}`);
    this.section.classList.toggle("named", !isDigits);
    if (!isDigits) this.find(".by-class").textContent = "Accuracy by class";
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
   * Show what a run was after an epoch.
   * @param {Run} run
   * @param {import("./time_machine.js").Past} past
   */
  showPast(run, { epoch, title, analysis }) {
    this.run = run.run;
    this.epoch = epoch;
    this.section.hidden = false;
    this.find(".buttons").hidden = true; // they are for the weights of its end
    this.find(".final").textContent = `${title}.`;
    this.fill(analysis);
  }

  /**
   * Show a run that has weights.
   * @param {Run} run
   * @param {EndedEvent} ended its last event
   */
  async show(run, ended) {
    this.run = run.run;
    this.epoch = -1;
    this.section.hidden = this.find(".buttons").hidden = false;
    this.find(".final").textContent = Results.summarise(run, ended);
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (this.section.querySelectorAll("[data-download]"))) {
      link.href = `runs/${run.run}/${link.dataset.download}`;
    }
    this.find(".analysis").hidden = true;
    for (const part of [".confusion tbody", ".classes", ".pictures .grid"]) this.find(part).replaceChildren(); // another run's
    this.offerWeights(true);
    try {
      const analysis = await this.server.ask(`runs/${run.run}/analysis`);
      if (this.isOf(run.run, -1)) this.fill(analysis);
    } catch (error) {
      if (!this.isOf(run.run, -1)) return;
      this.offerWeights(!(error instanceof Refused));
      this.complain(error, "The analysis of this network cannot be shown");
    }
  }

  /** Return whether this is what is shown still. @param {string} run @param {number} epoch */
  isOf(run, epoch) {
    return this.run === run && this.epoch === epoch;
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
  fill({ confusion, classes, mistakes }) {
    this.find(".analysis").hidden = false;
    this.find(".confusion tbody").replaceChildren(...confusion.map((row, label) => this.makeRow(row, label)));
    this.find(".classes").replaceChildren(...classes.flatMap((share, digit) => Results.makeBar(share, this.classes[digit])));
    this.showPictures("Worst mistakes", mistakes, { mistakes: "1", order: "loss", descending: "1" });
  }

  /** @param {number[]} counts @param {number} label */
  makeRow(counts, label) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count, guess) => {
      const title = `${count} of ${total} images of ${this.classes[label]} read as ${this.classes[guess]}`;
      const properties = { title, ariaLabel: title, disabled: !count };
      const button = makeButton(count ? `${count}` : "", () => this.showCell(label, guess), properties);
      button.classList.toggle("right", label === guess);
      // The eye sees shares of a hundredth as well as of one.
      button.style.setProperty("--share", `${count ? 0.15 + 0.85 * Math.sqrt(count / Math.max(total, 1)) : 0}`);
      return make("td", {}, button);
    });
    return make("tr", {}, make("th", { scope: "row" }, this.classes[label]), ...cells);
  }

  /** @param {number} label @param {number} guess */
  async showCell(label, guess) {
    const { run, epoch } = this;
    const moment = epoch < 0 ? "" : `&epoch=${epoch}`;
    try {
      const samples = await this.server.ask(`runs/${run}/cell?label=${label}&guess=${guess}${moment}`);
      if (!this.isOf(run, epoch)) return;
      const [name, other] = [this.classes[label], this.classes[guess]];
      const title = label === guess ? `Images of ${name}, read correctly` : `Images of ${name}, read as ${other}`;
      this.showPictures(`${title}: most confident first`, samples, { label: `${label}`, guess: `${guess}` });
      const pictures = /** @type {HTMLDetailsElement} */ (this.find(".pictures"));
      pictures.open = true;
      pictures.scrollIntoView({ block: "nearest", behavior: "smooth" });
    } catch (error) {
      this.complain(error, "These images cannot be shown");
    }
  }

  /** @param {string} title @param {Sample[]} samples @param {Record<string, string>} filter - that finds all of them in Browse */
  showPictures(title, samples, filter) {
    this.find(".pictures h3").textContent = title;
    const link = /** @type {HTMLAnchorElement} */ (this.find(".pictures .all"));
    link.href = this.addressOf(filter);
    link.hidden = this.epoch >= 0; // Browse knows the network of its end
    this.find(".pictures .grid").replaceChildren(...samples.map((sample) => this.makeFigure(sample)));
  }

  /** Return the address of test images in Browse, as this network sees them. @param {Record<string, string>} query */
  addressOf(query) {
    return `?${new URLSearchParams({ tab: "browse", split: "test", network: `run:${this.run}`, ...query })}`;
  }

  /** @param {Sample} sample */
  makeFigure({ index, label, digit, confidence, pixels }) {
    const isRight = digit === label;
    const [name, answer] = [this.classes[label], this.classes[digit]];
    const canvas = make("canvas", { width: 28, height: 28 });
    drawPixels(canvas, pixels);
    const caption = make("figcaption", {}, isRight ? `✓ ${answer}` : `✗ ${answer}, is ${name}`);
    const title = `Test sample ${index}, labelled ${name}, read as ${answer} with ${percent(confidence)}`;
    const link = make("a", { href: this.addressOf({ index: `${index}` }), title, ariaLabel: title }, canvas);
    return make("figure", { className: isRight ? "" : "wrong" }, link, caption);
  }

  /** @param {number | null} share @param {string} name */
  static makeBar(share, name) {
    const bar = make("i");
    bar.style.width = `${100 * (share ?? 0)}%`;
    const track = make("span", { className: "track" }, bar);
    return [make("dt", {}, name), make("dd", {}, track, percent(share))];
  }
}
