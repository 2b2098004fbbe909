import { make, makeButton, wholeNumber } from "../elements.js";
import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";
import { showChanged } from "./changed_picture.js";
import { Question } from "./question.js";
import { tellMissing } from "./robustness.js";

/**
 * @import { Answer } from "./changed_picture.js"
 * @import { Robustness } from "./robustness.js"
 */

/** The corruptions of MNIST-C: the errors of the bundled networks in a table, whose buttons corrupt the picture at hand. */
export class CorruptionsView {
  /** @param {HTMLElement} section @param {string[]} classes @param {string[]} names */
  constructor(section, classes, names) {
    this.section = section;
    /** @type {HTMLElement} */
    this.after = find(section, ".after");
    this.table = find(section, "table");
    this.chosen = ""; // corruption
    this.buttons = new Map(names.map((name) => [name, makeButton(write(name), () => this.choose(name), { ariaPressed: "false" })]));
    /** @type {Question<Answer>} */
    this.question = new Question("inside/corruption", (answer) => showChanged(this.after, classes, answer));
    /** @type {{ network: string, pixels: string } | null} */
    this.looked = null;
    /** @type {Robustness | null} */
    this.figures = null;
    this.fill();
  }

  /** @param {{ network: string, pixels: string }} looked */
  look(looked) {
    this.looked = looked;
    drawPixels(find(this.section, ".seen"), looked.pixels);
    this.emphasise();
    this.ask();
  }

  /** @param {Robustness} figures */
  compare(figures) {
    this.figures = figures;
    this.fill();
    this.emphasise();
  }

  /** @param {string} name */
  choose(name) {
    this.chosen = name;
    for (const [each, button] of this.buttons) button.ariaPressed = String(each === name);
    this.ask();
  }

  ask() {
    this.after.classList.toggle("empty", !this.chosen);
    if (this.looked && this.chosen) this.question.ask({ ...this.looked, name: this.chosen });
  }

  /** Fill the table: without figures, it has the buttons alone. */
  fill() {
    const { clean, corruptions, samples } = this.figures ?? {};
    const networks = Object.keys(clean ?? {});
    const makeRow = (/** @type {string | Node} */ title, /** @type {Record<string, number>} */ accuracies = {}) => {
      const cells = networks.map((name) => make("td", {}, (100 * (1 - accuracies[name])).toFixed(2)));
      return make("tr", {}, make("th", { scope: "row" }, title), ...cells);
    };
    const rows = [...this.buttons].map(([name, button]) => makeRow(button, corruptions?.[name]));
    const body = make("tbody", {}, ...rows);
    const parts = [body];
    if (clean && corruptions) {
      const means = networks.map((name) => [name, mean(Object.values(corruptions).map((accuracies) => accuracies[name]))]);
      body.prepend(makeRow("none", clean));
      body.append(makeRow("mean of all", Object.fromEntries(means)));
      const head = ["corruption", ...networks].map((name) => make("th", { scope: "col" }, name));
      parts.unshift(make("thead", {}, make("tr", {}, ...head)));
    }
    const caption = clean ? `Errors on ${wholeNumber(samples ?? 0)} test images, in %` : "Corruptions";
    this.table.replaceChildren(make("caption", {}, caption), ...parts);
  }

  /** Emphasise the errors of the network that is looked into. */
  emphasise() {
    if (!this.figures || !this.looked) return;
    const { network } = this.looked;
    tellMissing(find(this.section, ".missing"), this.figures, network);
    const column = 1 + Object.keys(this.figures.clean ?? {}).indexOf(network);
    for (const row of this.table.querySelectorAll("tr")) {
      [...row.cells].forEach((cell, index) => cell.classList.toggle("chosen", index === column && column > 0));
    }
  }
}

/** @param {string} name */
const write = (name) => name.replaceAll("_", " ");

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
