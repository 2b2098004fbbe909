import { make } from "../elements.js";
import { MapsView } from "../inside/maps.js";
import { Question } from "../inside/question.js";
import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";

/** @typedef {{ side: number, units: string[] }} FirstLayer */

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
    /** @type {{ network: string, pixels: string, of: string } | null} */
    this.wanted = null;
    details.addEventListener("toggle", () => this.ask());
  }

  /**
   * Look at a picture with a network.
   * @param {string} network
   * @param {string} pixels
   * @param {string} of - what the picture is
   */
  look(network, pixels, of) {
    this.details.hidden = false;
    this.wanted = { network, pixels, of };
    this.ask();
  }

  clear() {
    this.details.hidden = true;
    this.wanted = null;
  }

  ask() {
    if (!this.wanted || !this.details.open) return;
    const { network, pixels, of } = this.wanted;
    this.of.textContent = of;
    this.maps.look({ network, pixels });
    this.weights.ask({ network });
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
