import { make, percent, wholeNumber } from "../elements.js";
import { find } from "../mounting.js";
import { tellMissing } from "./robustness.js";

/**
 * @import { Curve, Robustness } from "./robustness.js"
 * @typedef {{ name: string, unit: string, low: number, high: number, none: number }} Damage
 */

const SIDE = 100; // of the drawing in its own units, which the page stretches

/** Accuracy of the bundled networks against the strength of a damage: a line for each, and the same as a table. */
export class Curves {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.box = find(section, ".curves");
    this.missing = find(section, ".missing");
    /** @type {SVGElement} */
    this.svg = find(section, ".plot svg");
    this.line = makeShape("line", "present", { y1: 0, y2: SIDE });
    /** @type {Robustness | null} */
    this.figures = null;
    this.shown = ""; // damage and network
  }

  /**
   * Show the curves of a damage, and the present strength in them.
   * @param {Damage} damage
   * @param {number} strength
   * @param {string} network - that is emphasised
   */
  show(damage, strength, network) {
    if (!this.figures) return;
    const curve = this.figures.curves?.[damage.name];
    this.box.hidden = !curve;
    const shown = `${damage.name} ${network}`;
    if (shown !== this.shown) {
      tellMissing(this.missing, this.figures, network);
      if (curve) this.draw(damage, curve, network);
    }
    this.shown = shown;
    if (curve) this.mark(damage, curve, strength, network);
  }

  /** @param {Damage} damage @param {Curve} curve @param {string} network */
  draw(damage, { strengths, accuracies }, network) {
    const lines = Object.entries(accuracies).map(([name, values], index) => {
      const points = values.map((accuracy, place) => `${placeOf(damage, strengths[place])},${SIDE * (1 - accuracy)}`);
      const line = makeShape("polyline", name === network ? "chosen" : "", { points: points.join(" ") });
      line.style.setProperty("--curve", colorOf(index));
      return line;
    });
    lines.sort((one, other) => Number(one.classList.contains("chosen")) - Number(other.classList.contains("chosen")));
    const levels = [0, 0.25, 0.5, 0.75, 1].map((share) => makeShape("line", "level", { x2: SIDE, y1: SIDE * share, y2: SIDE * share }));
    this.svg.replaceChildren(...levels, this.line, ...lines); // the chosen one above all others
    const ticks = listTicks(damage).map((strength) => {
      const tick = make("span", {}, String(strength));
      tick.style.left = `${placeOf(damage, strength)}%`;
      return tick;
    });
    find(this.box, ".x").replaceChildren(...ticks);
    find(this.box, ".strengths").textContent = `Strength of ${damage.name} (${damage.unit})`;
    this.fillTable(damage, { strengths, accuracies });
  }

  /** @param {Damage} damage @param {Curve} curve @param {number} strength @param {string} network */
  mark(damage, { strengths, accuracies }, strength, network) {
    for (const end of ["x1", "x2"]) this.line.setAttribute(end, String(placeOf(damage, strength)));
    const now = Object.entries(accuracies).map(([name, values]) => {
      const about = (100 * accuracyAt(strengths, values, strength)).toFixed(1);
      return { name, text: `${name} ${about}%` };
    });
    const where = writeStrength(damage, strength);
    find(this.box, ".now").textContent = `At ${where}, of ${wholeNumber(this.figures?.samples ?? 0)} test images:`;
    const items = now.map(({ name, text }, index) => {
      const item = make("li", { className: name === network ? "chosen" : "" }, text);
      item.style.setProperty("--curve", colorOf(index));
      return item;
    });
    find(this.box, ".legend").replaceChildren(...items);
    const said = now.map(({ text }) => text).join(", ");
    this.svg.ariaLabel = `Accuracy against the strength of ${damage.name}. At ${where}: ${said}.`;
  }

  /** @param {Damage} damage @param {Curve} curve */
  fillTable({ unit }, { strengths, accuracies }) {
    const head = [unit, ...Object.keys(accuracies)].map((name) => make("th", { scope: "col" }, name));
    const rows = strengths.map((strength, place) => {
      const cells = Object.values(accuracies).map((values) => make("td", {}, percent(values[place])));
      return make("tr", {}, make("th", { scope: "row" }, String(strength)), ...cells);
    });
    find(this.box, "table").replaceChildren(make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
  }
}

/** @param {Damage} damage @param {number} strength */
export const writeStrength = ({ unit }, strength) => `${strength.toFixed(unit === "degrees" ? 0 : 2)} ${unit}`;

/**
 * Return the accuracy at a strength, on a straight line between the two nearest that were measured.
 * @param {number[]} strengths - increasing
 * @param {number[]} accuracies
 * @param {number} strength - within them
 */
export function accuracyAt(strengths, accuracies, strength) {
  const next = Math.max(1, strengths.findIndex((measured) => measured >= strength));
  const share = (strength - strengths[next - 1]) / (strengths[next] - strengths[next - 1]);
  return (1 - share) * accuracies[next - 1] + share * accuracies[next];
}

/**
 * Return the strengths that are written below: both ends, the one that changes nothing, and some in between.
 * @param {Damage} damage
 */
export function listTicks({ low, high, none }) {
  const isOneSided = none === low || none === high;
  const ticks = isOneSided ? [0, 1, 2, 3, 4].map((step) => low + ((high - low) * step) / 4) : [low, (low + none) / 2, none, (none + high) / 2, high];
  return ticks.map(round);
}

/** @param {number} value */
const round = (value) => Number(value.toFixed(2));

/** The place of a strength from left to right. @param {Damage} damage @param {number} strength */
const placeOf = ({ low, high }, strength) => (SIDE * (strength - low)) / (high - low);

/** @param {number} index - of a network */
const colorOf = (index) => `var(--demo-curve-${index + 1})`;

/** @param {"line" | "polyline"} kind @param {string} className @param {Record<string, string | number>} attributes */
function makeShape(kind, className, attributes) {
  const shape = document.createElementNS("http://www.w3.org/2000/svg", kind);
  shape.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
  return shape;
}
