import { make } from "../elements.js";
import { find } from "../mounting.js";
import { Question } from "./question.js";
import { decodeLevels, drawLevels } from "./signed.js";

/**
 * @typedef {{ path: string, name: string, count: number, height: number, width: number, levels: string, largest: number }} Layer
 * @typedef {{ inputs: number[][][], weights: number[][][], bias: number, output: number }} Sum
 */

const WHITE = [255, 250, 240];
const MAX_KERNELS = 4; // of a sum that are written out

/** What every layer makes of the picture, and how one number of a convolution is computed. */
export class MapsView {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.layers = find(section, ".layers");
    this.arithmetic = find(section, ".arithmetic");
    /** @type {Question<{ layers: Layer[] }>} */
    this.question = new Question("inside/maps", (answer) => this.show(answer.layers ?? []));
    /** @type {Question<Sum>} */
    this.pixel = new Question("inside/pixel", (answer) => this.explain(answer));
    /** @type {{ network: string, pixels: string } | null} */
    this.looked = null;
    this.shape = ""; // of the layers that are shown
    /** @type {{ path: string, place: number[] } | null} */
    this.chosen = null;
  }

  /** @param {{ network: string, pixels: string }} looked */
  look(looked) {
    if (looked.network !== this.looked?.network) this.chosen = null;
    this.looked = looked;
    this.question.ask(looked);
    this.askPixel();
  }

  /** @param {Layer[]} layers */
  show(layers) {
    const shape = JSON.stringify(layers.map(({ path, name }) => [path, name]));
    if (shape !== this.shape) this.layers.replaceChildren(...layers.map((layer) => this.makeLayer(layer)));
    this.shape = shape;
    layers.forEach((layer, index) => drawLayer(this.layers.children[index], layer));
  }

  /** @param {Layer} layer */
  makeLayer({ path, name, count, height, width, levels }) {
    const isMap = height > 1;
    const shown = decodeLevels(levels).length / (height * width);
    const canvases = Array.from({ length: shown }, (_, channel) => {
      const canvas = make("canvas", { width, height, className: isMap ? "" : "unit", title: `${name}, number ${channel}` });
      if (isMap && name.startsWith("Conv")) {
        canvas.classList.add("open");
        canvas.addEventListener("click", (event) => this.choose(path, channel, event));
      }
      return canvas;
    });
    const size = `${count} × ${isMap ? `${height} × ${width}` : "1"}${shown < count ? `, the first ${shown}` : ""}`;
    const title = make("p", {}, name, make("span", { className: "size" }, ` · ${size}`));
    const maps = make("div", { className: "maps", role: "img", ariaLabel: `${name}: ${size}` }, ...canvases);
    return make("div", { className: "layer" }, title, maps);
  }

  /** @param {string} path @param {number} channel @param {MouseEvent} event */
  choose(path, channel, { target, offsetX, offsetY }) {
    if (!(target instanceof HTMLCanvasElement)) return;
    const row = Math.min(target.height - 1, Math.floor((offsetY / target.clientHeight) * target.height));
    const column = Math.min(target.width - 1, Math.floor((offsetX / target.clientWidth) * target.width));
    this.chosen = { path, place: [channel, row, column] };
    this.layers.querySelector(".chosen")?.classList.remove("chosen");
    target.classList.add("chosen");
    this.askPixel();
  }

  askPixel() {
    if (this.chosen && this.looked) this.pixel.ask({ ...this.looked, ...this.chosen });
    else this.arithmetic.replaceChildren();
  }

  /** @param {Sum & { error?: string }} sum */
  explain({ inputs, weights, bias, output, error }) {
    if (error || !this.chosen) {
      this.arithmetic.textContent = error ?? "";
      return;
    }
    const [channel, row, column] = this.chosen.place;
    const parts = inputs.slice(0, MAX_KERNELS).flatMap((under, index) => [index ? "+ " : "", makeTable(under), "· ", makeTable(weights[index])]);
    const rest = inputs.length - MAX_KERNELS;
    if (rest > 0) parts.push(` + ${rest} more such sums `);
    const title = `Channel ${channel}, row ${row}, column ${column}: what is under the kernel, times its weights, summed, plus the bias`;
    this.arithmetic.replaceChildren(make("p", {}, title), ...parts, ` + ${bias} = ${output}`);
  }
}

/** @param {Element} element @param {Layer} layer */
function drawLayer(element, { levels, height, width }) {
  const all = decodeLevels(levels);
  element.querySelectorAll("canvas").forEach((canvas, channel) => {
    const size = height * width;
    drawLevels(canvas, all.subarray(channel * size, (channel + 1) * size), { above: WHITE });
  });
}

/** @param {number[][]} rows */
function makeTable(rows) {
  return make("table", {}, ...rows.map((row) => make("tr", {}, ...row.map((value) => make("td", {}, value.toFixed(2))))));
}
