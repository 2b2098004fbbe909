import { make } from "../elements.js";
import { MapsView } from "../inside/maps.js";
import { Question } from "../inside/question.js";
import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";

/**
 * @import { FirstLayer } from "./types.js"
 *
 * What is to be looked at: a picture, what it is of, and a network; its first layer need not be asked for if it is known.
 * @typedef {{ network: string, pixels: string, of: string, firstLayer?: FirstLayer }} Look
 */

/** What every layer of a run makes of a picture, and the weights of its first one, while this part is open. */
export class Layers {
  /** @param {HTMLDetailsElement} details */
  constructor(details) {
    this.details = details;
    this.of = find(details, ".of");
    this.units = find(details, ".units");
    this.maps = new MapsView(details);
    /** @type {Question<FirstLayer>} */
    this.weights = new Question("inside/first-layer", (answer) => this.showWeights(answer));
    /** @type {Look | null} */
    this.wanted = null;
    details.addEventListener("toggle", () => this.ask());
  }

  /** Look at a picture with a network. @param {Look} wanted */
  look(wanted) {
    this.details.hidden = false;
    this.wanted = wanted;
    this.ask();
  }

  clear() {
    this.details.hidden = true;
    this.wanted = null;
  }

  ask() {
    if (!this.wanted || !this.details.open) return;
    const { network, pixels, of, firstLayer } = this.wanted;
    this.of.textContent = of;
    this.maps.look({ network, pixels });
    if (!firstLayer) {
      this.weights.ask({ network });
      return;
    }
    this.weights.drop(); // an answer that is under way is of another moment
    this.showWeights(firstLayer);
  }

  /** @param {FirstLayer & { error?: string }} answer */
  showWeights({ side, units, error }) {
    if (error) return; // the maps say so, or the next moment has an answer
    if (this.units.childElementCount !== units.length) {
      this.units.replaceChildren(...units.map(() => make("canvas", { width: side, height: side })));
    }
    this.units.querySelectorAll("canvas").forEach((canvas, unit) => drawPixels(canvas, units[unit], side));
  }
}
