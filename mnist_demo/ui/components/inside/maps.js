import { make } from "../elements.js";
import { find } from "../mounting.js";
import { Question } from "./question.js";
import { decodeLevels, drawLevels } from "./signed.js";
import { StrongestView } from "./strongest.js";

/**
 * @typedef {{ path: string, name: string, count: number, height: number, width: number, levels: string, largest: number }} Layer
 * @typedef {{ inputs: number[][][], weights: number[][][], bias: number, output: number }} Sum
 */

const WHITE = [255, 250, 240];
const MAX_KERNELS = 4; // of a sum that are written out

/** How far a key leads among the maps of a layer. @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/**
 * What every layer makes of the picture. What is chosen of it is explained: on which training samples the channel or unit
 * is highest, and of a convolution how the number is computed.
 */
export class MapsView {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.layers = find(section, ".layers");
    this.arithmetic = find(section, ".arithmetic");
    this.strongest = new StrongestView(find(section, ".strongest"));
    /** @type {Question<{ layers: Layer[] }>} */
    this.question = new Question("inside/maps", (answer) => this.show(answer.layers ?? []));
    /** @type {Question<Sum>} */
    this.pixel = new Question("inside/pixel", (answer) => this.explain(answer));
    /** @type {{ network: string, pixels: string } | null} */
    this.looked = null;
    this.shape = ""; // of the layers that are shown
    /** @type {Layer[]} */
    this.shown = [];
    /** @type {{ path: string, place: number[] } | null} */
    this.chosen = null;
  }

  /** @param {{ network: string, pixels: string }} looked */
  look(looked) {
    if (looked.network !== this.looked?.network) {
      this.chosen = null;
      this.strongest.clear();
    }
    this.looked = looked;
    this.question.ask(looked);
    this.askPixel();
  }

  /** @param {Layer[]} layers */
  show(layers) {
    this.shown = layers;
    const shape = JSON.stringify(layers.map(({ path, name }) => [path, name]));
    if (shape !== this.shape) this.layers.replaceChildren(...layers.map((layer) => this.makeLayer(layer)));
    this.shape = shape;
    layers.forEach((layer, index) => drawLayer(this.layers.children[index], layer));
  }

  /** @param {Layer} layer */
  makeLayer(layer) {
    const { name, count, height, width, levels } = layer;
    const isMap = height > 1;
    const shown = decodeLevels(levels).length / (height * width);
    const canvases = Array.from({ length: shown }, (_, channel) => {
      const title = `${name}, number ${channel}`;
      const canvas = make("canvas", { width, height, className: isMap ? "" : "unit", title, role: "button", ariaLabel: title });
      canvas.tabIndex = channel ? -1 : 0; // one stop of the tab key a layer
      canvas.addEventListener("click", (event) => this.choose(layer, channel, canvas, placeOf(event, canvas)));
      canvas.addEventListener("keydown", (event) => this.press(event, layer, channel, canvas));
      return canvas;
    });
    const size = `${count} × ${isMap ? `${height} × ${width}` : "1"}${shown < count ? `, the first ${shown}` : ""}`;
    const title = make("p", {}, name, make("span", { className: "size" }, ` · ${size}`));
    const maps = make("div", { className: "maps", role: "group", ariaLabel: `${name}: ${size}` }, ...canvases);
    return make("div", { className: "layer" }, title, maps);
  }

  /**
   * Go to another map of the layer, or choose the highest number of this one.
   * @param {KeyboardEvent} event @param {Layer} layer @param {number} channel @param {HTMLCanvasElement} canvas
   */
  press(event, layer, channel, canvas) {
    const step = STEPS[event.key];
    if (step === undefined && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (step === undefined) {
      this.choose(layer, channel, canvas, this.highest(layer, channel));
      return;
    }
    const canvases = /** @type {HTMLElement} */ (canvas.parentElement).querySelectorAll("canvas");
    const next = canvases[Math.min(canvases.length - 1, Math.max(0, channel + step))];
    canvas.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  /** Return the place of the highest number of a map as it is now. @param {Layer} layer @param {number} channel */
  highest({ path, width, height }, channel) {
    const levels = decodeLevels(this.shown.find((layer) => layer.path === path)?.levels ?? "");
    const own = levels.subarray(channel * width * height, (channel + 1) * width * height);
    const place = own.indexOf(Math.max(...own));
    return [Math.floor(place / width), place % width];
  }

  /** @param {Layer} layer @param {number} channel @param {HTMLCanvasElement} canvas @param {number[]} place - row, column */
  choose({ path, name, height }, channel, canvas, place) {
    if (!this.looked) return;
    this.chosen = height > 1 && name.startsWith("Conv") ? { path, place: [channel, ...place] } : null;
    this.layers.querySelector(".chosen")?.classList.remove("chosen");
    canvas.classList.add("chosen");
    canvas.closest(".layer")?.append(this.arithmetic, this.strongest.element); // beside what was chosen
    this.askPixel();
    this.strongest.clear();
    this.strongest.look({ network: this.looked.network, path, channel, name });
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

/** Return the row and the column of a map that are under the pointer. @param {MouseEvent} event @param {HTMLCanvasElement} canvas */
function placeOf({ offsetX, offsetY }, { width, height, clientWidth, clientHeight }) {
  const row = Math.min(height - 1, Math.floor((offsetY / clientHeight) * height));
  return [row, Math.min(width - 1, Math.floor((offsetX / clientWidth) * width))];
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
