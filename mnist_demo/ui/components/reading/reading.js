import { make } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";
import { drawPixels } from "../pixels.js";
import { Bars } from "./bars.js";
import { share } from "./share.js";

/** @typedef {import("../draw_pad/drawing_reader.js").Reading} Reading */

const BLACK = btoa("\0".repeat(28 * 28));

/**
 * What a network says.
 * @param {import("../mounting.js").Component} component
 */
export function mount({ element, props, watch }) {
  const view = new ReadingView(element, props.invitation, props.classes);
  watch("value", () => view.show(props.value));
  view.show(props.value);
  if (!view.canvas) return;
  listenWhileMounted(element, "drawing-read", (event) => view.show(event.detail));
  document.dispatchEvent(new Event("drawing-wanted")); // a quick hand may have drawn before this was here
}

class ReadingView {
  /**
   * @param {HTMLElement} element
   * @param {string} invitation - to be shown where there is nothing to read
   * @param {string[]} classes - names of the ten classes
   */
  constructor(element, invitation, classes) {
    this.invitation = invitation;
    this.classes = classes;
    this.reading = find(element, ".reading");
    this.answer = find(element, ".digit");
    this.confidence = find(element, ".confidence");
    this.digits = find(element, ".digits");
    this.bars = new Bars(find(element, ".bars"), classes);
    this.reading.classList.toggle("named", classes.some((name) => name.length > 1));
    /** @type {HTMLCanvasElement | null} - null where the network's input is left out */
    this.canvas = element.querySelector(".input canvas");
  }

  /** @param {Reading | null} value */
  show(value) {
    const isNumber = value?.number !== undefined;
    this.reading.classList.toggle("number", isNumber);
    if (isNumber) this.showNumber(value);
    else this.showDigit(value ?? {}, value ? "Nothing to read" : this.invitation);
  }

  /**
   * @param {Reading} reading
   * @param {string} otherwise - what to say where there is neither a digit nor an error
   */
  showDigit({ digit = null, guess = null, probabilities = [], pixels = BLACK, error }, otherwise) {
    const best = digit ?? guess;
    const isRejected = digit === null && guess !== null;
    this.reading.classList.toggle("blank", best === null);
    this.reading.classList.toggle("rejected", isRejected);
    this.answer.textContent = best === null ? (error ?? otherwise) : this.classes[best];
    if (isRejected) this.confidence.textContent = "This does not look like a digit. Best guess in grey.";
    else this.confidence.textContent = digit === null ? "" : share(probabilities[digit]);
    this.bars.show(best === null ? [] : probabilities, best);
    if (this.canvas) drawPixels(this.canvas, pixels);
  }

  /**
   * Show all digits of a number, each with what the network saw and how sure it is.
   * @param {Reading} reading
   */
  showNumber({ number = "", digits = [] }) {
    this.reading.classList.remove("blank", "rejected");
    this.answer.textContent = number;
    this.confidence.textContent = `${digits.length} digits`;
    this.digits.replaceChildren(...digits.map(makeFigure));
  }
}

/** @param {import("../draw_pad/drawing_reader.js").Digit} reading */
function makeFigure({ digit, probabilities, pixels }) {
  const canvas = make("canvas", { width: 28, height: 28 });
  drawPixels(canvas, pixels);
  const caption = make("figcaption", {}, make("b", {}, `${digit}`), ` ${share(probabilities[digit ?? 0])}`);
  return make("figure", {}, canvas, caption);
}
