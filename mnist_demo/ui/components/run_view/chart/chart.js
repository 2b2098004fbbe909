import { ChartAxes } from "./axes.js";
import { ChartHover } from "./hover.js";
import { ChartMarks } from "./marks.js";
import { ChartTrace } from "./trace.js";

/**
 * @import { Curve } from "./curve.js"
 * @import { Reading, Row } from "./hover.js"
 * @import { LineStyle } from "./trace.js"
 *
 * @typedef {{ accent: string, second: string, muted: string, line: string, panel: string, palette: string[],
 *   font: string, em: number }} Look - colours and font of the page
 * @typedef {{ trace: ChartTrace, name?: string, write: (value: number) => string } & LineStyle} Line - the tooltip has
 *   those with a name
 */

/**
 * A chart on a canvas, of one run or of several that are compared: losses on the left axis, accuracy on the right one,
 * over the examples seen. The lines are painted on a picture when there is something new, and only while the canvas
 * can be seen; a moving pointer paints no more than that picture and what is under the pointer.
 */
export class LiveChart {
  static PALETTE = ["curve-1", "curve-2", "curve-3", "curve-4", "curve-5", "curve-6"]; // colours of page.css
  static DASH = [7, 5];
  static CHANGE_REACH = 6; // px from a change of the learning rate in which the pointer finds it

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} tooltip see ChartHover
   */
  constructor(canvas, tooltip) {
    this.canvas = canvas;
    this.picture = document.createElement("canvas");
    this.hover = new ChartHover(canvas, tooltip, () => this.requestFrame());
    /** @type {Map<string, number>} */
    this.slots = new Map(); // ids of runs to places in the palette
    this.size = { width: 0, height: 0 };
    this.offset = 0; // px from the top of the canvas's parent to the canvas
    this.ratio = 1; // px of the device to one of the page
    this.isVisible = false;
    this.isStale = true;
    this.frame = 0; // that was asked for; 0 for none
    /** @type {Look | null} */
    this.look = null; // once it was read
    /** @type {Reading | null} */
    this.reading = null; // under the pointer
    /** @type {Curve[]} */
    this.curves = [];
    /** @type {{ trainLoss: ChartTrace, testLoss: ChartTrace, testAccuracy: ChartTrace }[]} */
    this.traces = [];
    /** @type {Line[]} */
    this.lines = [];
    this.axes = new ChartAxes(this.size, 1, []);
    this.observe();
  }

  observe() {
    // Around the canvas, too: what stands above it may move it without a change of its size.
    const sizes = new ResizeObserver(() => {
      this.size = { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
      this.offset = this.canvas.offsetTop;
      this.restyle();
    });
    sizes.observe(this.canvas);
    if (this.canvas.parentElement) sizes.observe(this.canvas.parentElement);
    new IntersectionObserver((entries) => {
      this.isVisible = entries.at(-1)?.isIntersecting ?? false;
      if (this.isStale) this.requestFrame();
    }).observe(this.canvas);
    // The page changes its colours by a class on the body.
    new MutationObserver(() => this.restyle()).observe(document.body, { attributeFilter: ["class"] });
    document.fonts.ready.then(() => this.restyle());
  }

  /**
   * Show the main run, and those that it is compared with. The caller may change them, mostly
   * by appending to their series, and then calls `draw`.
   * @param {Curve[]} curves
   */
  setCurves(curves) {
    this.curves = curves;
    this.traces = curves.map((curve) => ({
      trainLoss: new ChartTrace(curve, "trainLoss"),
      testLoss: new ChartTrace(curve, "testLoss"),
      testAccuracy: new ChartTrace(curve, "testAccuracy"),
    }));
    // A run keeps its colour while others come and go.
    this.slots = new Map([...this.slots].filter(([id]) => curves.some((curve) => curve.id === id)));
    for (const { id } of curves) {
      if (this.slots.has(id)) continue;
      const taken = [...this.slots.values()];
      const free = LiveChart.PALETTE.findIndex((_, slot) => !taken.includes(slot));
      this.slots.set(id, free < 0 ? this.slots.size % LiveChart.PALETTE.length : free);
    }
    this.draw();
  }

  get isComparing() {
    return this.curves.length > 1;
  }

  /**
   * The CSS colour of a run that is shown.
   * @param {string} id
   */
  colorOf(id) {
    if (!this.isComparing) return "var(--demo-accent)";
    const slot = this.slots.get(id) ?? 0;
    return `var(--demo-${LiveChart.PALETTE[slot]})`;
  }

  /** Say the newest values in one sentence. */
  describe() {
    const [main, ...others] = this.curves;
    const [train, loss, accuracy] = [main?.trainLoss, main?.testLoss, main?.testAccuracy].map((points) => points?.at(-1));
    const tested = main?.testedSoFar;
    if (!train && !loss && tested) return `${main.label}: test accuracy so far ${LiveChart.percent(tested[1])}.`;
    const newest = train ?? loss;
    if (!newest) return "Loss and accuracy over the examples seen: no values yet.";
    const parts = [`${main.label} after ${ChartHover.NUMBER.format(newest[0])} examples`];
    if (train) parts.push(`training loss ${train[1].toFixed(4)}`);
    if (loss) parts.push(`test loss ${loss[1].toFixed(4)}`);
    if (accuracy) parts.push(`test accuracy ${LiveChart.percent(accuracy[1])}`);
    for (const { label, testAccuracy } of others) {
      const last = testAccuracy.at(-1);
      if (last) parts.push(`${label} ${LiveChart.percent(last[1])}`);
    }
    return `${parts.join(", ")}.`;
  }

  /** Show what has changed in the curves, at the next frame in which the canvas can be seen. */
  draw() {
    this.isStale = true;
    this.requestFrame();
  }

  /** Draw with the colours and the font that the page has now. */
  restyle() {
    this.look = null;
    this.draw();
  }

  requestFrame() {
    if (!this.isVisible) return;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.size.width || !this.isVisible) return;
      this.paint();
    });
  }

  // --- Painting -----------------------------------------------------------------------------------------------------

  /** Paint the picture and what is under the pointer, where either has changed. */
  paint() {
    const isNew = this.isStale;
    const look = (this.look ??= this.readLook());
    if (isNew) this.paintPicture(look);
    const reading = this.hover.x === null ? null : this.readAt(this.hover.x);
    if (!isNew && reading?.examples === this.reading?.examples) return;
    this.reading = reading;
    const context = LiveChart.contextOf(this.canvas);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.picture, 0, 0);
    if (!reading) return this.hover.hide();
    context.scale(this.ratio, this.ratio);
    this.hover.paint(context, this.axes, look, reading);
    this.hover.tell(this.axes, reading, this.offset);
  }

  /** @param {HTMLCanvasElement} canvas */
  static contextOf(canvas) {
    return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** @param {Look} look */
  paintPicture(look) {
    this.isStale = false;
    this.axes = new ChartAxes(this.size, look.em, this.curves);
    this.ratio = devicePixelRatio;
    for (const canvas of [this.picture, this.canvas]) {
      const [width, height] = [this.size.width, this.size.height].map((side) => Math.round(side * this.ratio));
      if (canvas.width !== width) canvas.width = width; // which takes its memory anew
      if (canvas.height !== height) canvas.height = height;
    }
    const context = LiveChart.contextOf(this.picture);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.size.width, this.size.height);
    context.font = look.font;
    this.axes.paint(context, look);
    ChartMarks.paintChanges(context, this.axes, look.muted, this.curves[0]?.changes ?? []);
    this.lines = this.isComparing ? this.linesOfAll(look) : this.linesOfOne(look);
    const upwards = [...this.lines].sort((a, b) => a.width - b.width); // the thin ones below the wide ones
    for (const line of upwards) line.trace.paint(context, this.axes, line);
    for (const { id, testedSoFar } of this.curves) {
      const color = this.isComparing ? look.palette[this.slots.get(id) ?? 0] : look.accent;
      if (testedSoFar) ChartMarks.paintTest(context, this.axes, color, testedSoFar);
    }
  }

  /**
   * Read what the page's style says; it is kept until the page changes, because asking for it takes time.
   * @returns {Look}
   */
  readLook() {
    const style = getComputedStyle(this.canvas);
    const color = (/** @type {string} */ name) => style.getPropertyValue(`--demo-${name}`).trim();
    return {
      accent: color("accent"),
      second: color("second"),
      muted: color("muted"),
      line: color("line"),
      panel: color("panel"),
      palette: LiveChart.PALETTE.map(color),
      font: `${style.fontSize} ${style.fontFamily}`,
      em: parseFloat(style.fontSize),
    };
  }

  /**
   * Return the lines of a single run, in the order of the tooltip.
   * @param {Look} look
   * @returns {Line[]}
   */
  linesOfOne({ muted, second, accent }) {
    const [loss, share] = this.kinds();
    return this.traces.flatMap(({ trainLoss, testLoss, testAccuracy }) => [
      { ...loss, name: "training loss", trace: trainLoss, color: muted, width: 1.5 },
      { ...loss, name: "test loss", trace: testLoss, color: second, width: 2.5, dash: LiveChart.DASH, radius: 4 },
      { ...share, name: "test accuracy", trace: testAccuracy, color: accent, width: 2.5, radius: 4 },
    ]);
  }

  /**
   * Return the lines of compared runs; the tooltip names those of the accuracy.
   * @param {Look} look
   * @returns {Line[]}
   */
  linesOfAll(look) {
    const [loss, share] = this.kinds();
    return this.traces.flatMap(({ trainLoss, testLoss, testAccuracy }, index) => {
      const isMain = index === 0;
      const { id, label } = this.curves[index];
      const color = look.palette[this.slots.get(id) ?? 0];
      return [
        ...(isMain ? [{ ...loss, trace: trainLoss, color: look.muted, width: 1 }] : []),
        { ...loss, trace: testLoss, color, width: isMain ? 2 : 1.5, dash: LiveChart.DASH },
        { ...share, name: label, trace: testAccuracy, color, width: isMain ? 3 : 2, radius: isMain ? 4 : 3 },
      ];
    });
  }

  /** Return what the lines of losses and of accuracies have in common. */
  kinds() {
    return [
      { y: (/** @type {number} */ loss) => this.axes.lossY(loss), write: (/** @type {number} */ loss) => loss.toFixed(4) },
      { y: (/** @type {number} */ share) => this.axes.accuracyY(share), write: LiveChart.percent },
    ];
  }

  // --- Reading ------------------------------------------------------------------------------------------------------

  /**
   * Return what stands nearest to a place.
   * @param {number} x px from the canvas's left edge
   * @returns {Reading | null}
   */
  readAt(x) {
    const wanted = this.axes.examplesAt(x);
    const lines = this.lines.filter(({ name }) => name);
    const points = lines.flatMap(({ trace }) => {
      const point = trace.nearest(wanted);
      return point ? [point] : [];
    });
    if (!points.length) return null;
    const [examples] = points.reduce((a, b) => (Math.abs(b[0] - wanted) < Math.abs(a[0] - wanted) ? b : a));
    /** @type {Row[]} */
    const rows = lines.map(({ name = "", trace, color, y, write }) => {
      const point = trace.at(examples);
      const place = point && { x: this.axes.x(point[0]), y: y(point[1]) };
      return { name, value: point ? write(point[1]) : "–", color, place };
    });
    const isNear = (/** @type {number} */ change) => Math.abs(this.axes.x(change) - this.axes.x(examples)) < LiveChart.CHANGE_REACH;
    if (this.curves[0].changes.some(isNear)) rows.push({ name: "learning rate changed", value: "", color: "" });
    return { examples, rows };
  }

  /** @param {number} share */
  static percent(share) {
    return `${(100 * share).toFixed(2)}%`;
  }
}
