import { ChartAxes } from "./axes.js";
import { ChartHover } from "./hover.js";
import { ChartMarks } from "./marks.js";
import { ChartTrace } from "./trace.js";

/** @typedef {[number, number][]} Series - examples seen and a value, oldest first */

/**
 * A chart on a canvas, of one run or of several that are compared: losses on the left axis, accuracy on the right one,
 * over the examples seen. The lines are painted on a picture when there is something new, and only while the canvas
 * can be seen; a moving pointer paints no more than that picture and what is under the pointer.
 */
export class LiveChart {
  // Of compared runs: at least 3:1 on the light and on the dark page, apart for the colour-blind too.
  static PALETTE = ["#b34905", "#0e74fe", "#1e7b66", "#af7cb6", "#c77c15", "#8556ae"];
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
    this.slots = new Map(); // ids of runs to places in the palette
    this.size = { width: 0, height: 0 };
    this.isVisible = false;
    this.setCurves([]);
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
    sizes.observe(this.canvas.parentElement);
    new IntersectionObserver((entries) => {
      this.isVisible = entries.at(-1).isIntersecting;
      if (this.isStale) this.requestFrame();
    }).observe(this.canvas);
    // The page changes its colours by a class on the body.
    new MutationObserver(() => this.restyle()).observe(document.body, { attributeFilter: ["class"] });
    document.fonts.ready.then(() => this.restyle());
  }

  /**
   * Show the main run, and those that it is compared with. The caller may change them, mostly
   * by appending to their series, and then calls `draw`.
   * @param {object[]} curves
   * @param {string} curves[].id
   * @param {string} curves[].label
   * @param {number} curves[].length examples that the whole run will see; 0 if that is not known yet
   * @param {Series} curves[].trainLoss
   * @param {Series} curves[].testLoss
   * @param {Series} curves[].testAccuracy shares in [0, 1]
   * @param {number[]} curves[].changes examples at which the learning rate was changed
   * @param {[number, number] | null} curves[].testedSoFar the next point of testAccuracy, while it is measured
   */
  setCurves(curves) {
    this.curves = curves;
    this.traces = curves.map((curve) => ({
      trainLoss: new ChartTrace(curve, "trainLoss"),
      testLoss: new ChartTrace(curve, "testLoss"),
      testAccuracy: new ChartTrace(curve, "testAccuracy"),
    }));
    // A run keeps its colour while others come and go.
    this.slots = new Map(curves.filter(({ id }) => this.slots.has(id)).map(({ id }) => [id, this.slots.get(id)]));
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

  /** The CSS colour of a run that is shown. */
  colorOf(id) {
    if (!this.isComparing) return "var(--demo-accent)";
    const slot = this.slots.get(id);
    return `var(--demo-curve-${slot + 1}, ${LiveChart.PALETTE[slot]})`;
  }

  /** Say the newest values in one sentence. */
  describe() {
    const [main, ...others] = this.curves;
    const [train, loss, accuracy] = ["trainLoss", "testLoss", "testAccuracy"].map((name) => main?.[name].at(-1));
    const tested = main?.testedSoFar;
    if (!train && !loss && tested) return `${main.label}: test accuracy so far ${LiveChart.percent(tested[1])}.`;
    if (!train && !loss) return "Loss and accuracy over the examples seen: no values yet.";
    const parts = [`${main.label} after ${ChartHover.NUMBER.format((train ?? loss)[0])} examples`];
    if (train) parts.push(`training loss ${train[1].toFixed(4)}`);
    if (loss) parts.push(`test loss ${loss[1].toFixed(4)}`);
    if (accuracy) parts.push(`test accuracy ${LiveChart.percent(accuracy[1])}`);
    for (const { label, testAccuracy } of others) {
      if (testAccuracy.length) parts.push(`${label} ${LiveChart.percent(testAccuracy.at(-1)[1])}`);
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
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (!this.size.width || !this.isVisible) return;
      this.paint();
    });
  }

  // --- Painting -----------------------------------------------------------------------------------------------------

  /** Paint the picture and what is under the pointer, where either has changed. */
  paint() {
    const isNew = this.isStale;
    if (isNew) this.paintPicture();
    const reading = this.hover.x === null ? null : this.readAt(this.hover.x);
    if (!isNew && reading?.examples === this.reading?.examples) return;
    this.reading = reading;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.picture, 0, 0);
    if (!reading) return this.hover.hide();
    context.scale(this.ratio, this.ratio);
    this.hover.paint(context, this.axes, this.look, reading);
    this.hover.tell(this.axes, reading, this.offset);
  }

  paintPicture() {
    this.isStale = false;
    this.look ??= this.readLook();
    this.axes = new ChartAxes(this.size, this.look.em, this.curves);
    this.ratio = devicePixelRatio;
    for (const canvas of [this.picture, this.canvas]) {
      const [width, height] = [this.size.width, this.size.height].map((side) => Math.round(side * this.ratio));
      if (canvas.width !== width) canvas.width = width; // which takes its memory anew
      if (canvas.height !== height) canvas.height = height;
    }
    const context = this.picture.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.size.width, this.size.height);
    context.font = this.look.font;
    this.axes.paint(context, this.look);
    ChartMarks.paintChanges(context, this.axes, this.look.muted, this.curves[0]?.changes ?? []);
    this.lines = this.isComparing ? this.linesOfAll() : this.linesOfOne();
    const upwards = [...this.lines].sort((a, b) => a.width - b.width); // the thin ones below the wide ones
    for (const line of upwards) line.trace.paint(context, this.axes, line);
    for (const { id, testedSoFar } of this.curves) {
      const color = this.isComparing ? this.look.palette[this.slots.get(id)] : this.look.accent;
      if (testedSoFar) ChartMarks.paintTest(context, this.axes, color, testedSoFar);
    }
  }

  /** Read what the page's style says; it is kept until the page changes, because asking for it takes time. */
  readLook() {
    const style = getComputedStyle(this.canvas);
    const color = (name) => style.getPropertyValue(`--demo-${name}`).trim();
    const names = ["accent", "second", "muted", "line", "panel"];
    return {
      ...Object.fromEntries(names.map((name) => [name, color(name)])),
      palette: LiveChart.PALETTE.map((fallback, slot) => color(`curve-${slot + 1}`) || fallback),
      font: `${style.fontSize} ${style.fontFamily}`,
      em: parseFloat(style.fontSize),
    };
  }

  /** Return the lines of a single run, in the order of the tooltip. */
  linesOfOne() {
    const { muted, second, accent } = this.look;
    const [loss, share] = this.kinds();
    return this.traces.flatMap(({ trainLoss, testLoss, testAccuracy }) => [
      { ...loss, name: "training loss", trace: trainLoss, color: muted, width: 1.5 },
      { ...loss, name: "test loss", trace: testLoss, color: second, width: 2.5, dash: LiveChart.DASH, radius: 4 },
      { ...share, name: "test accuracy", trace: testAccuracy, color: accent, width: 2.5, radius: 4 },
    ]);
  }

  /** Return the lines of compared runs; the tooltip names those of the accuracy. */
  linesOfAll() {
    const [loss, share] = this.kinds();
    return this.traces.flatMap(({ trainLoss, testLoss, testAccuracy }, index) => {
      const isMain = index === 0;
      const { id, label } = this.curves[index];
      const color = this.look.palette[this.slots.get(id)];
      return [
        ...(isMain ? [{ ...loss, trace: trainLoss, color: this.look.muted, width: 1 }] : []),
        { ...loss, trace: testLoss, color, width: isMain ? 2 : 1.5, dash: LiveChart.DASH },
        { ...share, name: label, trace: testAccuracy, color, width: isMain ? 3 : 2, radius: isMain ? 4 : 3 },
      ];
    });
  }

  /** Return what the lines of losses and of accuracies have in common. */
  kinds() {
    return [
      { y: (loss) => this.axes.lossY(loss), write: (loss) => loss.toFixed(4) },
      { y: (share) => this.axes.accuracyY(share), write: LiveChart.percent },
    ];
  }

  // --- Reading ------------------------------------------------------------------------------------------------------

  /**
   * Return what stands nearest to a place, in px from the canvas's left edge.
   * @returns {Reading | null}
   */
  readAt(x) {
    const wanted = this.axes.examplesAt(x);
    const lines = this.lines.filter(({ name }) => name);
    const points = lines.map(({ trace }) => trace.nearest(wanted)).filter(Boolean);
    if (!points.length) return null;
    const [examples] = points.reduce((a, b) => (Math.abs(b[0] - wanted) < Math.abs(a[0] - wanted) ? b : a));
    const rows = lines.map(({ name, trace, color, y, write }) => {
      const point = trace.at(examples);
      const place = point && { x: this.axes.x(point[0]), y: y(point[1]) };
      return { name, value: point ? write(point[1]) : "–", color, place };
    });
    const isNear = (change) => Math.abs(this.axes.x(change) - this.axes.x(examples)) < LiveChart.CHANGE_REACH;
    if (this.curves[0].changes.some(isNear)) rows.push({ name: "learning rate changed", value: "", color: "" });
    return { examples, rows };
  }

  static percent(share) {
    return `${(100 * share).toFixed(2)}%`;
  }
}
