/**
 * @import { ChartAxes } from "./axes.js"
 * @import { Curve, Series } from "./curve.js"
 *
 * @typedef {{ place: number, start: number, end: number, low: number, high: number, isRising: boolean }} Column
 *
 * @typedef {object} LineStyle
 * @property {(value: number) => number} y the px of a value
 * @property {string} color
 * @property {number} width
 * @property {number[]} [dash]
 * @property {number} [radius] of the dots; without it there are none
 */

/**
 * One line of a chart. Its points are gathered by columns one px wide, each appended point once; so a line costs the
 * same to draw however many points it has.
 */
export class ChartTrace {
  static LEAST_SPACE = 6; // px between points that are to have dots

  /**
   * @param {Curve} curve
   * @param {"trainLoss" | "testLoss" | "testAccuracy"} name of one of its series
   */
  constructor(curve, name) {
    this.curve = curve;
    this.name = name;
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Series | null} */
    this.source = null; // of the columns
    this.columnWidth = NaN; // in examples
    this.gathered = 0; // points that are in the columns
  }

  get points() {
    return this.curve[this.name];
  }

  /** @param {number} columnWidth */
  gather(columnWidth) {
    if (this.source !== this.points || this.columnWidth !== columnWidth) {
      this.source = this.points;
      this.columnWidth = columnWidth;
      this.columns = [];
      this.gathered = 0;
    }
    for (; this.gathered < this.points.length; this.gathered++) {
      const [examples, value] = this.points[this.gathered];
      const place = Math.floor(examples / columnWidth);
      const column = this.columns.at(-1);
      if (!column || column.place !== place) {
        this.columns.push({ place, start: examples, end: examples, low: value, high: value, isRising: true });
        continue;
      }
      column.end = examples;
      if (value > column.high) [column.high, column.isRising] = [value, true];
      if (value < column.low) [column.low, column.isRising] = [value, false];
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {ChartAxes} axes
   * @param {LineStyle} style
   */
  paint(context, axes, { y, color, width, dash = [], radius = 0 }) {
    this.gather(axes.examples / axes.width);
    context.save();
    axes.clip(context);
    context.strokeStyle = color;
    const isDense = this.points.length > 2 * this.columns.length; // then its strokes fill an area
    context.lineWidth = isDense ? Math.min(1, width) : width;
    context.lineJoin = "bevel"; // round ones take three times as long
    context.setLineDash(dash);
    context.beginPath();
    for (const { start, end, low, high, isRising } of this.columns) {
      const x = axes.x((start + end) / 2);
      context.lineTo(x, y(isRising ? low : high));
      if (low !== high) context.lineTo(x, y(isRising ? high : low));
    }
    context.stroke();
    context.restore();
    context.fillStyle = color;
    if (radius) this.paintDots(context, axes, y, radius);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {ChartAxes} axes
   * @param {(value: number) => number} y
   * @param {number} radius
   */
  paintDots(context, axes, y, radius) {
    const space = this.points.length > 1 ? axes.x(this.points[1][0]) - axes.x(this.points[0][0]) : Infinity;
    if (space < ChartTrace.LEAST_SPACE) return;
    context.beginPath();
    for (const [examples, value] of this.points) {
      if (!axes.isInside(y(value))) continue;
      const x = axes.x(examples);
      const r = Math.min(radius, space / 5);
      context.moveTo(x + r, y(value));
      context.arc(x, y(value), r, 0, 2 * Math.PI);
    }
    context.fill();
  }

  /**
   * The point nearest to a number of examples.
   * @param {number} examples
   * @returns {[examples: number, value: number] | undefined}
   */
  nearest(examples) {
    let low = 0;
    let high = this.points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.points[middle][0] < examples) low = middle + 1;
      else high = middle;
    }
    const [before, after] = [this.points[low - 1], this.points[low]];
    if (!before || !after) return before ?? after;
    return examples - before[0] < after[0] - examples ? before : after;
  }

  /**
   * The same; nothing where the line has ended, a whole step or more before.
   * @param {number} examples
   */
  at(examples) {
    const [last, before] = [this.points.at(-1), this.points.at(-2)];
    const isOver = last && examples > last[0] && examples - last[0] >= last[0] - (before ?? last)[0];
    return isOver ? undefined : this.nearest(examples);
  }
}
