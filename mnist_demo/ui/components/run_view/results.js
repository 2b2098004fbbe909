import { make, makeButton, percent } from "../elements.js";
import { drawPixels } from "../pixels.js";
import { NoAnswer, Refused } from "./server.js";

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
    this.run = null;
    this.find("thead").append(
      make("tr", {}, make("td"), ...Array.from({ length: 10 }, (_, digit) => make("th", { scope: "col" }, `${digit}`))),
    );
  }

  find(selector) {
    return this.section.querySelector(selector);
  }

  clear() {
    this.run = null;
    this.section.hidden = true;
  }

  /** Show a run that has weights. */
  async show(run, { train_accuracy, test_accuracy }) {
    this.run = run.run;
    this.section.hidden = false;
    this.find(".final").textContent =
      train_accuracy === null
        ? "Stopped before its end; what it has learned so far can be used."
        : `Over the whole training set ${percent(train_accuracy)}, over the whole test set ${percent(test_accuracy)}.`;
    for (const link of this.section.querySelectorAll("[data-download]")) {
      link.href = `runs/${run.run}/${link.dataset.download}`;
    }
    this.find(".matrix").hidden = this.find(".pictures").hidden = this.find(".first-layer").hidden = true;
    this.offerWeights(true);
    try {
      const analysis = await this.server.ask(`runs/${run.run}/analysis`);
      if (this.run === run.run) this.fill(analysis);
    } catch (error) {
      if (this.run !== run.run) return;
      this.offerWeights(!(error instanceof Refused));
      this.complain(error, "What this network does with the test images cannot be shown");
    }
  }

  /** Let the network be used and downloaded, or not: its weights may be gone. */
  offerWeights(areThere) {
    for (const selector of [".use", "[data-download=weights]"]) this.find(selector).hidden = !areThere;
  }

  complain(error, what) {
    if (error instanceof Refused) this.say(`${what}: ${error.message}.`);
    else if (error instanceof NoAnswer) this.say(`${what}: ${error.message} Reload the page to try again.`);
    else throw error;
  }

  fill({ confusion, classes, mistakes, first_layer }) {
    this.find(".matrix").hidden = this.find(".pictures").hidden = this.find(".first-layer").hidden = false;
    this.find(".confusion tbody").replaceChildren(...confusion.map((row, label) => this.makeRow(row, label)));
    this.find(".classes").replaceChildren(...classes.flatMap((share, digit) => Results.makeBar(share, digit)));
    this.showPictures("Its worst mistakes", mistakes);
    this.find(".units").replaceChildren(...first_layer.units.map((unit) => Results.makeUnit(unit, first_layer.side)));
  }

  makeRow(counts, label) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const cells = counts.map((count, guess) => {
      const title = `${count} of ${total} images of ${label} read as ${guess}`;
      const button = makeButton(count ? `${count}` : "", () => this.showCell(label, guess), { title, disabled: !count });
      button.setAttribute("aria-label", title);
      button.classList.toggle("right", label === guess);
      // The eye sees shares of a hundredth as well as of one.
      button.style.setProperty("--share", count ? 0.15 + 0.85 * Math.sqrt(count / Math.max(total, 1)) : 0);
      return make("td", {}, button);
    });
    return make("tr", {}, make("th", { scope: "row" }, `${label}`), ...cells);
  }

  async showCell(label, guess) {
    const { run } = this;
    const address = `runs/${run}/cell?label=${label}&guess=${guess}`;
    const samples = await this.server.ask(address).catch((error) => this.complain(error, "These images cannot be shown"));
    if (!samples || run !== this.run) return;
    const title = label === guess ? `Images of ${label}, read rightly` : `Images of ${label}, read as ${guess}`;
    this.showPictures(`${title}: the surest first`, samples);
    this.find(".pictures").scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  showPictures(title, samples) {
    this.find(".pictures h4").textContent = title;
    this.find(".pictures .grid").replaceChildren(...samples.map(Results.makeFigure));
  }

  static makeFigure({ index, label, digit, confidence, pixels }) {
    const isRight = digit === label;
    const canvas = make("canvas", { width: 28, height: 28 });
    drawPixels(canvas, pixels);
    const caption = make("figcaption", {}, isRight ? `✓ ${digit}` : `✗ ${digit}, is ${label}`);
    const title = `Test sample ${index}, labelled ${label}, read as ${digit} with ${percent(confidence)}`;
    return make("figure", { className: isRight ? "" : "wrong", title }, canvas, caption);
  }

  static makeBar(share, digit) {
    const track = make("span", { className: "track" }, make("i"));
    track.firstChild.style.width = `${100 * (share ?? 0)}%`;
    return [make("dt", {}, `${digit}`), make("dd", {}, track, percent(share))];
  }

  static makeUnit(pixels, side) {
    const canvas = make("canvas", { width: side, height: side });
    drawPixels(canvas, pixels, side);
    return canvas;
  }
}
