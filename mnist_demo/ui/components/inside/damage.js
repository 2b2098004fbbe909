import { make } from "../elements.js";
import { find } from "../mounting.js";
import { showChanged } from "./changed_picture.js";
import { Curves, writeStrength } from "./curves.js";
import { Question } from "./question.js";

/**
 * @import { Answer } from "./changed_picture.js"
 * @import { Damage } from "./curves.js"
 * @import { Robustness } from "./robustness.js"
 */

const LEAST_STEPS = 60; // of the slider

/** What the network reads of the picture as it gets worse, and how accurate networks are on all such pictures. */
export class DamageView {
  /** @param {HTMLElement} section @param {string[]} classes @param {Damage[]} damages */
  constructor(section, classes, damages) {
    this.section = section;
    this.damages = damages;
    /** @type {HTMLSelectElement} */
    this.name = find(section, "[name=damage]");
    /** @type {HTMLInputElement} */
    this.strength = find(section, "[name=strength]");
    this.name.append(...damages.map(({ name }) => make("option", { value: name }, name)));
    this.curves = new Curves(section);
    /** @type {Question<Answer>} */
    this.question = new Question("inside/damage", (answer) => showChanged(find(section, "figure"), classes, answer));
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
    Object.assign(this.strength, { min: String(low), max: String(high), step: String(roundStep(low, high)) });
    this.strength.value = String(none);
    this.ask();
  }

  /** @param {{ network: string, pixels: string }} looked */
  look(looked) {
    this.looked = looked;
    this.ask();
  }

  /** @param {Robustness} figures */
  compare(figures) {
    this.curves.figures = figures;
    this.ask();
  }

  ask() {
    const strength = Number(this.strength.value);
    find(this.section, ".strength output").textContent = writeStrength(this.damage, strength);
    if (!this.looked) return;
    this.curves.show(this.damage, strength, this.looked.network);
    this.question.ask({ ...this.looked, name: this.damage.name, strength });
  }
}

/**
 * Return a round step, 1, 2 or 5 times a power of ten: the slider stops at the strength that changes nothing, too.
 * @param {number} low
 * @param {number} high
 */
export function roundStep(low, high) {
  const most = (high - low) / LEAST_STEPS;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([5, 2].find((factor) => factor * power <= most) ?? 1);
}
