import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";
import { Question } from "./question.js";
import { decodeLevels, drawLevels } from "./signed.js";

/**
 * @typedef {{ size: number | null, digit: number, pixels: string, change: import("./signed.js").Signed,
 *   others: Record<string, number> }} Answer
 */

/** The smallest change that turns the answer, when it is asked for: it takes a moment. */
export class FoolView {
  /** @param {HTMLElement} section @param {string[]} classes */
  constructor(section, classes) {
    this.section = section;
    this.classes = classes;
    this.output = find(section, "output");
    this.pictures = find(section, ".pictures");
    /** @type {Question<Answer>} */
    this.question = new Question("inside/fool", (answer) => this.show(answer));
    /** @type {{ network: string, pixels: string } | null} */
    this.looked = null;
    find(section, "button").addEventListener("click", () => this.ask());
  }

  /** @param {{ network: string, pixels: string }} looked */
  look(looked) {
    this.looked = looked;
    this.question.drop();
    this.pictures.hidden = true;
    this.output.textContent = "";
  }

  ask() {
    if (!this.looked) return;
    this.output.textContent = "Looking for it …";
    this.question.ask(this.looked);
  }

  /** @param {Answer & { error?: string }} answer */
  show({ size, digit, pixels, change, others, error }) {
    this.pictures.hidden = Boolean(error) || size === null;
    if (error || size === null) {
      this.output.textContent = error ?? "No change of up to half of the range turns it.";
      return;
    }
    const fooled = Object.entries(others).filter(([, guess]) => guess === digit).map(([name]) => name);
    this.output.textContent = `${(100 * size).toFixed(1)}% of the range make it a ${this.classes[digit]}. Fooled by the same picture: ${fooled.join(", ") || "nobody else"}.`;
    drawPixels(find(this.section, ".fooling"), pixels);
    drawLevels(find(this.section, ".change"), decodeLevels(change.levels));
    const [picture, difference] = this.section.querySelectorAll("figcaption");
    picture.textContent = `Read as ${this.classes[digit]}`;
    difference.textContent = size ? `The change, ${Math.round(1 / size)} times as strong` : "No change was needed";
  }
}
