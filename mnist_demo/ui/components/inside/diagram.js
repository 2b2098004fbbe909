import { ask } from "../asking.js";
import { make, wholeNumber } from "../elements.js";
import { find } from "../mounting.js";

/** @typedef {{ name: string, output: number[], parameters: number, multiply_adds: number }} LayerFacts */

/** The network as a diagram: a row for each layer, with its shape and bars for its parameters and its arithmetic. */
export class Diagram {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.list = find(section, ".network");
    this.sum = find(section, ".sum");
    this.network = "";
  }

  /** @param {{ network: string }} looked */
  async look({ network }) {
    if (network === this.network) return;
    this.network = network;
    /** @type {{ layers?: LayerFacts[] } | null} */
    const answer = await ask("inside/layers", { network });
    if (network !== this.network) return;
    if (!answer?.layers) this.network = ""; // asked again with the next drawing
    this.show(answer?.layers ?? []);
  }

  /** @param {LayerFacts[]} layers */
  show(layers) {
    const [parameters, steps] = [add(layers, "parameters"), add(layers, "multiply_adds")];
    this.list.replaceChildren(...layers.map((layer) => makeRow(layer, parameters, steps)));
    this.sum.textContent = `${wholeNumber(parameters)} parameters, ${wholeNumber(steps)} multiply-adds a picture.`;
  }
}

/** @param {LayerFacts[]} layers @param {"parameters" | "multiply_adds"} what */
const add = (layers, what) => layers.reduce((sum, layer) => sum + layer[what], 0);

/** @param {LayerFacts} layer @param {number} parameters @param {number} steps of all layers */
function makeRow({ name, output, parameters: own, multiply_adds: ownSteps }, parameters, steps) {
  const title = make("span", { className: "name" }, name);
  const shape = make("span", { className: "shape" }, output.join(" × "));
  return make("li", {}, title, shape, makeBar("parameters", own, parameters), makeBar("multiply-adds", ownSteps, steps));
}

/** @param {string} what @param {number} value @param {number} total */
function makeBar(what, value, total) {
  const bar = make("i");
  bar.style.width = `${(100 * value) / (total || 1)}%`;
  const text = value ? `${wholeNumber(value)} ${what}` : "";
  return make("span", { className: "share" }, bar, make("span", {}, text));
}
