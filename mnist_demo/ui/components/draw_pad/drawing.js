import { drawStrokes } from "./strokes.js";

/**
 * @typedef {import("./strokes.js").Point} Point
 * @typedef {import("./strokes.js").Stroke} Stroke
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {{ picture: Picture | null, strokes: readonly Stroke[] }} State
 */

const EMPTY = Object.freeze({ picture: null, strokes: Object.freeze([]) });

/**
 * What is on the pad: strokes over an optional picture. Every action makes a state of its own, and undo goes back to
 * the one before, so a cleared pad or a picture that was replaced comes back as well.
 */
export class Drawing {
  static LONGEST_HISTORY = 200; // actions

  constructor() {
    /** @type {State} */
    this.state = EMPTY;
    /** @type {State[]} */
    this.history = [];
  }

  get picture() {
    return this.state.picture;
  }

  get isEmpty() {
    return !this.state.picture && !this.state.strokes.length;
  }

  get canUndo() {
    return this.history.length > 0;
  }

  /** Begin a stroke. @param {Point} point */
  begin(point) {
    this.enter({ ...this.state, strokes: [...this.state.strokes, [point]] });
  }

  /** Go on with the stroke that was begun last. @param {Point[]} points */
  extend(points) {
    this.state.strokes.at(-1)?.push(...points);
  }

  /** Lay a picture on the pad, in place of what is there. @param {Picture} picture */
  lay(picture) {
    this.enter({ picture, strokes: [] });
  }

  clear() {
    if (!this.isEmpty) this.enter(EMPTY);
  }

  /** Take back the last action: a stroke, a picture, or that the pad was cleared. */
  undo() {
    this.state = this.history.pop() ?? this.state;
  }

  /** @param {State} state */
  enter(state) {
    this.history.push(this.state);
    if (this.history.length > Drawing.LONGEST_HISTORY) this.history.shift();
    this.state = state;
  }

  /**
   * @param {CanvasRenderingContext2D} context - scaled so that the pad's side is 1
   * @param {string} ink - the colour of strokes where no picture asks for another
   */
  paint(context, ink) {
    const { picture, strokes } = this.state;
    picture?.paint(context);
    drawStrokes(context, strokes, picture?.ink ?? ink);
  }
}
