import { drawStrokes } from "./strokes.js";

/**
 * @typedef {import("./strokes.js").Point} Point
 * @typedef {import("./strokes.js").Stroke} Stroke
 * @typedef {import("./picture.js").Picture} Picture
 * @typedef {{ picture: Picture | null, strokes: readonly Stroke[] }} State
 */

/**
 * Widths of the pen, of the pad's side.
 * @type {Readonly<Record<string, number>>}
 */
export const PENS = Object.freeze({ thin: 0.035, medium: 0.065, thick: 0.1 });

// Over a picture, whose colours nobody knows, the ink has an edge of another colour.
const INK = "#ff8a54";
const EDGE = "#1c1917";
const EDGE_WIDTH = 0.012; // of the pad's side

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
    this.pen = PENS.medium; // of all strokes
  }

  get picture() {
    return this.state.picture;
  }

  get strokes() {
    return this.state.strokes;
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
   * @param {string} ink - the colour of strokes on an empty pad
   */
  paint(context, ink) {
    const { picture, strokes } = this.state;
    if (picture) {
      picture.paint(context);
      drawStrokes(context, strokes, this.pen + EDGE_WIDTH, EDGE);
    }
    drawStrokes(context, strokes, this.pen, picture ? INK : ink);
  }
}
