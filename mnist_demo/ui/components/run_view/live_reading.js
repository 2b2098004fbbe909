import { make, setText } from "../elements.js";
import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";

/**
 * @import { Guess, PastReading, ReadingAnswer, WatchedDigit } from "./types.js"
 * @import { Server } from "./server.js"
 */

/** What the network reads while it learns: twelve test digits, and what is on this browser's pad. */
export class LiveReading {
  /**
   * @param {HTMLElement} section
   * @param {Server} server
   * @param {string[]} classes - names of the ten classes
   */
  constructor(section, server, classes) {
    this.section = section;
    this.server = server;
    this.classes = classes;
    this.own = find(section, ".own");
    this.row = find(section, ".row");
    this.trouble = find(section, ".trouble");
    this.pixels = ""; // of the drawing, as the networks see it
    this.snapshot = 0; // of the weights that were last asked
    this.isPast = false; // what is shown is of an epoch, and the present has to wait
    /** @type {WatchedDigit[]} */
    this.digits = [];
    /** @type {HTMLElement[]} */
    this.figures = [];
    this.showOwn(null);
  }

  /** What can be looked at: the drawing, or else the first digit; it has no pixels before that is there. */
  get picture() {
    if (this.pixels) return { pixels: this.pixels, of: "your drawing" };
    return { pixels: this.digits[0]?.pixels ?? "", of: "the first digit" };
  }

  /** Ask anew, of another run. */
  clear() {
    this.leavePast();
    this.section.hidden = true;
  }

  /** Show what the network said after an epoch, until the past is left. @param {PastReading} reading */
  async showPast(reading) {
    this.isPast = true;
    await this.load();
    if (this.isPast) this.fill(reading);
  }

  /** Ask for the present again. */
  leavePast() {
    this.isPast = false;
    this.snapshot = 0;
  }

  /**
   * Keep what the pad has heard of its drawing.
   * @param {{ pixels: string } | null} reading
   */
  takeDrawing(reading) {
    this.pixels = reading?.pixels ?? "";
    this.snapshot = 0;
    this.showOwn(null);
  }

  /** @param {ReadingAnswer | null | undefined} answer */
  async show(answer) {
    if (!answer || this.isPast) return;
    if (!answer.error) await this.load();
    if (this.isPast) return;
    this.snapshot = answer.snapshot;
    if (!answer.error) {
      this.fill(answer);
      return;
    }
    this.section.hidden = this.trouble.hidden = false;
    this.row.hidden = true;
    setText(this.trouble, `This network cannot be read: ${answer.error}.`);
  }

  /** @param {PastReading | ReadingAnswer} reading */
  fill({ digits, drawing }) {
    this.section.hidden = this.row.hidden = false;
    this.trouble.hidden = true;
    digits.forEach((guess, index) => this.mark(index, guess));
    if (drawing) this.showOwn(drawing);
  }

  /** Fetch the digits that are watched, and lay them out, if that is not done. */
  async load() {
    if (this.digits.length) return;
    this.digits = await this.server.ask("watched");
    this.figures = this.digits.map(({ index, pixels }) => {
      const canvas = make("canvas", { width: 28, height: 28 });
      drawPixels(canvas, pixels);
      return make("figure", { title: `Test sample ${index}` }, canvas, make("figcaption"));
    });
    find(this.section, ".watched").replaceChildren(...this.figures);
  }

  /** @param {number} index @param {Guess} guess */
  mark(index, [digit, confidence]) {
    const figure = this.figures[index];
    const isRight = digit === this.digits[index].label;
    figure.classList.toggle("wrong", !isRight);
    find(figure, "figcaption").textContent = isRight ? `✓ ${this.classes[digit]}` : `✗ ${this.classes[digit]}`;
    figure.style.setProperty("--sure", `${confidence}`);
  }

  /** @param {Guess | null} guess */
  showOwn(guess) {
    const caption = find(this.own, "figcaption");
    this.own.classList.toggle("empty", !this.pixels);
    if (this.pixels) drawPixels(/** @type {HTMLCanvasElement} */ (find(this.own, "canvas")), this.pixels);
    if (!this.pixels) caption.textContent = "Your drawing: draw on the Draw tab";
    else caption.textContent = guess ? `Yours: ${this.classes[guess[0]]} · ${(100 * guess[1]).toFixed(0)}%` : "Yours";
  }
}
