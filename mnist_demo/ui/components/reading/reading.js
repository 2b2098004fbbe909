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
    else this.showDigit(value ?? {});
  }

  /** @param {Reading} reading */
  showDigit({ digit = null, guess = null, candidates = [], reason, probabilities = [], pixels = BLACK, error }) {
    const best = digit ?? guess;
    const isRejected = digit === null && guess !== null;
    this.reading.classList.toggle("blank", best === null);
    this.reading.classList.toggle("rejected", isRejected);
    const why = asSentence(reason ?? "");
    this.answer.textContent = best === null ? (error ?? (why || this.invitation)) : this.classes[best];
    if (isRejected) this.confidence.textContent = `${why}. Best guess in grey.`;
    else this.confidence.textContent = digit === null ? "" : this.describeConfidence(probabilities[digit], candidates);
    this.bars.show(best === null ? [] : probabilities, best);
    if (this.canvas) drawPixels(this.canvas, pixels);
  }

  /**
   * @param {number} confidence
   * @param {number[]} candidates - all classes that it may be, the predicted one first
   */
  describeConfidence(confidence, [, ...others]) {
    const names = others.map((candidate) => this.classes[candidate]);
    return share(confidence) + (names.length ? `, or could be ${names.join(" or ")}` : "");
  }

  /**
   * Show all digits of a number, each with what the network saw and how sure it is.
   * @param {Reading} reading
   */
  showNumber({ number = "", lines = [], digits = [] }) {
    this.reading.classList.remove("blank", "rejected");
    this.answer.textContent = number;
    this.confidence.textContent = `${digits.length} digits${lines.length > 1 ? ` in ${lines.length} lines` : ""}`;
    this.digits.replaceChildren(...digits.map(makeFigure));
  }
}

/** @param {string} words */
const asSentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** @param {import("../draw_pad/drawing_reader.js").Digit} reading */
function makeFigure({ digit, probabilities, pixels }) {
  const canvas = make("canvas", { width: 28, height: 28 });
  drawPixels(canvas, pixels);
  const caption = make("figcaption", {}, make("b", {}, `${digit}`), ` ${share(probabilities[digit ?? 0])}`);
  return make("figure", {}, canvas, caption);
}
