import { make } from "../elements.js";
import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";
import { Question } from "./question.js";
import { decodeLevels, drawLevels } from "./signed.js";

/** @typedef {import("./signed.js").Signed} Signed */
/** @typedef {{ digit: number, against: number | null, total: number, gradients: Signed, occlusion: Signed }} Answer */

/** Which pixels speak for a digit, or for it and against another one. */
export class Saliency {
  /** @param {HTMLElement} section @param {string[]} classes */
  constructor(section, classes) {
    this.section = section;
    this.classes = classes;
    /** @type {HTMLSelectElement} */
    this.digit = find(section, "[name=digit]");
    /** @type {HTMLSelectElement} */
    this.against = find(section, "[name=against]");
    this.digit.append(make("option", { value: "" }, "the guess"), ...classes.map(asOption));
    this.against.append(make("option", { value: "" }, "–"), ...classes.map(asOption));
    /** @type {Question<Answer>} */
    this.question = new Question("inside/saliency", (answer) => this.show(answer));
    /** @type {{ network: string, pixels: string } | null} */
    this.looked = null;
    for (const select of [this.digit, this.against]) select.addEventListener("change", () => this.ask());
  }

  /** @param {{ network: string, pixels: string }} looked */
  look(looked) {
    this.looked = looked;
    drawPixels(find(this.section, ".seen"), looked.pixels);
    this.ask();
  }

  ask() {
    const digit = this.digit.value === "" ? null : Number(this.digit.value);
    const against = this.against.value === "" ? null : Number(this.against.value);
    if (this.looked) this.question.ask({ ...this.looked, digit, against });
  }

  /** @param {Answer & { error?: string }} answer */
  show({ digit, against, total, gradients, occlusion, error }) {
    const output = find(this.section, ".total");
    if (error) {
      output.textContent = error;
      return;
    }
    const what = against === null ? `the score of ${this.classes[digit]}` : `the lead of ${this.classes[digit]} over ${this.classes[against]}`;
    output.textContent = `All pixels together change ${what} by ${total.toFixed(1)}.`;
    for (const [name, { levels }] of /** @type {const} */ ([["gradients", gradients], ["occlusion", occlusion]])) {
      /** @type {HTMLCanvasElement} */
      const canvas = find(this.section, `.${name}`);
      drawLevels(canvas, decodeLevels(levels));
      canvas.ariaLabel = `${name === "gradients" ? "Integrated gradients" : "Occlusion"} for ${what}`;
    }
  }
}

/** @param {string} name @param {number} digit */
const asOption = (name, digit) => make("option", { value: String(digit) }, name);
