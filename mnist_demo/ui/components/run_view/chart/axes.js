/** @import { Curve, Series } from "./curve.js" */

/** The scales of a chart, and its grid and labels: losses on the left, accuracy on the right, over examples seen. */
export class ChartAxes {
  static STEPS = 5; // between the grid lines; five give whole percents from each of the floors
  static FLOORS = [0.95, 0.9, 0.8, 0.5, 0]; // where accuracy may start
  static HEADROOM = 0.005; // by which every accuracy of a trained network stays above the floor
  static LOSS_STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]; // times a power of ten
  static LEAST_LOSS = 0.0001; // at the top of the axis
  static UNTRAINED_LOSS = 2.3; // of a network that gives every digit the same chance
  static MANY = 50; // reports, from which on the highest of them no longer count
  static SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }); // 1500000: "1.5M"

  /**
   * @param {{width: number, height: number}} size of the canvas in px
   * @param {number} em size of its font in px; the margins fit the labels
   * @param {Curve[]} curves
   */
  constructor({ width, height }, em, curves) {
    const margin = (width < 480 ? 3.6 : 4.5) * em;
    this.em = em;
    this.left = margin;
    this.top = 0.85 * em;
    this.width = Math.max(1, width - 2 * margin);
    this.height = Math.max(1, height - 4.5 * em);
    this.right = this.left + this.width;
    this.bottom = this.top + this.height;
    this.examples = Math.max(0, ...curves.map(ChartAxes.extentOf)); // at the right edge
    this.floor = ChartAxes.floorOf(curves);
    this.lossStep = ChartAxes.lossStepOf(curves);
  }

  /**
   * The examples that a run will see, or has seen if they are more.
   * @param {Curve} curve
   */
  static extentOf({ length, trainLoss, testLoss }) {
    return Math.max(length || 0, trainLoss.at(-1)?.[0] ?? 0, testLoss.at(-1)?.[0] ?? 0);
  }

  /**
   * Values of a series, but for the untrained network, which would decide what all others are measured by.
   * @param {Series} points
   */
  static tested(points) {
    return points.filter(([examples]) => examples > 0).map(([, value]) => value);
  }

  /** @param {Curve[]} curves */
  static floorOf(curves) {
    const lowest = Math.min(...curves.flatMap(({ testAccuracy }) => ChartAxes.tested(testAccuracy)));
    if (lowest === Infinity) return 0;
    return ChartAxes.FLOORS.find((floor) => floor <= lowest - ChartAxes.HEADROOM) ?? 0;
  }

  /** @param {Curve[]} curves */
  static lossStepOf(curves) {
    const losses = curves.flatMap(({ testLoss }) => ChartAxes.tested(testLoss));
    const reported = new Float64Array(curves[0]?.trainLoss.map(([, loss]) => loss) ?? 0).sort();
    const share = reported.length > ChartAxes.MANY ? 0.98 : 1; // the first reports are far above all that follow
    if (reported.length) losses.push(reported[Math.ceil(share * reported.length) - 1]);
    if (!losses.length) losses.push(ChartAxes.UNTRAINED_LOSS);
    const step = Math.max(ChartAxes.LEAST_LOSS, ...losses) / ChartAxes.STEPS;
    const power = 10 ** Math.floor(Math.log10(step));
    return power * (ChartAxes.LOSS_STEPS.find((factor) => factor * power >= step) ?? 10);
  }

  /** @param {number} examples */
  x(examples) {
    return this.left + (this.width * examples) / (this.examples || 1);
  }

  /** @param {number} x */
  examplesAt(x) {
    return (this.examples * (x - this.left)) / this.width;
  }

  /** @param {number} loss */
  lossY(loss) {
    return this.y(loss / (ChartAxes.STEPS * this.lossStep));
  }

  /** @param {number} share */
  accuracyY(share) {
    return this.y((share - this.floor) / (1 - this.floor));
  }

  /**
   * What is off the scale stays off the plot, yet never so far that a canvas could not draw a line to it.
   * @param {number} share
   */
  y(share) {
    return this.bottom - this.height * Math.max(-99, Math.min(99, share));
  }

  /** @param {number} y */
  isInside(y) {
    return y > this.top - 0.5 && y < this.bottom + 0.5;
  }

  /**
   * Let only the plot be painted, and the outer half of a line along its edge.
   * @param {CanvasRenderingContext2D} context
   */
  clip(context) {
    context.beginPath();
    context.rect(this.left - 1.5, this.top - 1.5, this.width + 3, this.height + 3);
    context.clip();
  }

  /** @param {CanvasRenderingContext2D} context @param {{ line: string, muted: string }} look */
  paint(context, { line, muted }) {
    context.strokeStyle = line;
    context.fillStyle = muted;
    context.lineWidth = 1;
    this.paintGrid(context);
    if (this.examples) this.paintExamples(context);
  }

  /** @param {CanvasRenderingContext2D} context */
  paintGrid(context) {
    const { lossStep, floor, em } = this;
    const digits = String(Number(lossStep.toPrecision(2))).split(".")[1]?.length ?? 0;
    const write = (/** @type {number} */ loss) => (lossStep < 1000 ? loss.toFixed(digits) : ChartAxes.SHORT.format(loss));
    context.textBaseline = "middle";
    for (let step = 0; step <= ChartAxes.STEPS; step++) {
      const y = this.y(step / ChartAxes.STEPS);
      context.beginPath();
      context.moveTo(this.left, Math.round(y) + 0.5); // in the middle of a pixel the line is crisp
      context.lineTo(this.right, Math.round(y) + 0.5);
      context.stroke();
      const share = floor + ((1 - floor) * step) / ChartAxes.STEPS;
      context.textAlign = "right";
      context.fillText(write(lossStep * step), this.left - 0.7 * em, y);
      context.textAlign = "left";
      context.fillText(`${Math.round(100 * share)}%`, this.right + 0.7 * em, y);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  paintExamples(context) {
    const { width, em } = this;
    context.textBaseline = "top";
    for (let step = 0; step <= 4; step += width < 320 ? 2 : 1) {
      context.textAlign = step === 0 ? "left" : step === 4 ? "right" : "center";
      const examples = (this.examples * step) / 4;
      context.fillText(ChartAxes.SHORT.format(examples), this.x(examples), this.bottom + 0.6 * em);
    }
    context.textAlign = "center";
    context.fillText("examples seen", this.left + width / 2, this.bottom + 2.1 * em);
    context.textAlign = "right";
    context.fillText("loss", this.left - 0.7 * em, this.bottom + 2.1 * em);
    context.fillText("accuracy", this.right + this.left, this.bottom + 2.1 * em);
  }
}
