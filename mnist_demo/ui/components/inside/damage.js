import { make } from "../elements.js";
import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";
import { Question } from "./question.js";

/** @typedef {{ name: string, unit: string, low: number, high: number, none: number }} Damage */
/** @typedef {{ reading: import("../draw_pad/drawing_reader.js").Reading }} Answer */

const STEPS = 100; // of the slider

/** What the network reads of the picture as it gets worse. */
export class DamageView {
  /** @param {HTMLElement} section @param {string[]} classes @param {Damage[]} damages */
  constructor(section, classes, damages) {
    this.section = section;
    this.classes = classes;
    this.damages = damages;
    /** @type {HTMLSelectElement} */
    this.name = find(section, "[name=damage]");
    /** @type {HTMLInputElement} */
    this.strength = find(section, "[name=strength]");
    this.name.append(...damages.map(({ name }) => make("option", { value: name }, name)));
    /** @type {Question<Answer>} */
    this.question = new Question("inside/damage", (answer) => this.show(answer));
    /** @type {{ network: string, pixels: string } | null} */
    this.looked = null;
    this.name.addEventListener("change", () => this.begin());
    this.strength.addEventListener("input", () => this.ask());
    this.begin();
  }

  get damage() {
    return this.damages[this.name.selectedIndex];
  }

  /** Begin with a strength that changes nothing. */
  begin() {
    const { low, high, none } = this.damage;
    Object.assign(this.strength, { min: String(low), max: String(high), step: String((high - low) / STEPS) });
    this.strength.value = String(none);
    this.ask();
  }

  /** @param {{ network: string, pixels: string }} looked */
  look(looked) {
    this.looked = looked;
    this.ask();
  }

  ask() {
    const { name, unit } = this.damage;
    const strength = Number(this.strength.value);
    find(this.section, ".strength output").textContent = `${strength.toFixed(unit === "degrees" ? 0 : 2)} ${unit}`;
    if (this.looked) this.question.ask({ ...this.looked, name, strength });
  }

  /** @param {Answer & { error?: string }} answer */
  show({ reading, error }) {
    const caption = find(this.section, "figcaption");
    if (error || !reading) {
      caption.textContent = error ?? "";
      return;
    }
    const { digit, guess, probabilities = [], pixels = "" } = reading;
    drawPixels(find(this.section, ".damaged"), pixels);
    const best = Math.max(...probabilities);
    const name = this.classes[guess ?? 0];
    caption.textContent = `Read as ${name}, ${(100 * best).toFixed(1)}%${digit === null ? ", and rejected" : ""}`;
  }
}
