import { make, setText } from "../elements.js";
import { drawPixels } from "../pixels.js";

/** What the network reads while it learns: twelve test digits, and what is on this browser's pad. */
export class LiveReading {
  constructor(section, server) {
    this.section = section;
    this.server = server;
    this.own = section.querySelector(".own");
    this.row = section.querySelector(".row");
    this.trouble = section.querySelector(".trouble");
    this.pixels = ""; // of the drawing, as the networks see it
    this.labels = null;
    this.clear();
    this.showOwn(null);
  }

  clear() {
    this.snapshot = 0; // of the weights that were last asked
  }

  /** Keep what the pad has heard of its drawing. */
  takeDrawing(reading) {
    this.pixels = reading?.pixels ?? "";
    this.clear();
    this.showOwn(null);
  }

  async show(answer) {
    if (!answer) return;
    if (!this.labels && !answer.error) await this.load();
    this.section.hidden = false;
    this.snapshot = answer.snapshot;
    this.trouble.hidden = !answer.error;
    this.row.hidden = Boolean(answer.error);
    if (answer.error) {
      setText(this.trouble, `This network cannot be read: ${answer.error}.`);
      return;
    }
    answer.digits.forEach(([digit, confidence], index) => this.mark(index, digit, confidence));
    if (answer.drawing) this.showOwn(answer.drawing);
  }

  /** Fetch the digits that are watched, and lay them out. */
  async load() {
    const digits = await this.server.ask("watched");
    this.labels = digits.map((digit) => digit.label);
    this.figures = digits.map(({ index, pixels }) => {
      const canvas = make("canvas", { width: 28, height: 28 });
      drawPixels(canvas, pixels);
      return make("figure", { title: `Test sample ${index}` }, canvas, make("figcaption"));
    });
    this.section.querySelector(".watched").replaceChildren(...this.figures);
  }

  mark(index, digit, confidence) {
    const figure = this.figures[index];
    const isRight = digit === this.labels[index];
    figure.classList.toggle("wrong", !isRight);
    figure.lastChild.textContent = isRight ? `✓ ${digit}` : `✗ ${digit}`;
    figure.style.setProperty("--sure", confidence);
  }

  showOwn(said) {
    const caption = this.own.querySelector("figcaption");
    this.own.classList.toggle("empty", !this.pixels);
    if (this.pixels) drawPixels(this.own.querySelector("canvas"), this.pixels);
    if (!this.pixels) caption.textContent = "Draw a digit on the first tab, and it is read here too";
    else caption.textContent = said ? `Yours: ${said[0]} · ${(100 * said[1]).toFixed(0)}%` : "Yours";
  }
}
