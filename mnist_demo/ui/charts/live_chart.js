/** A chart on a canvas: losses on the left axis, accuracy on the right one, over the examples seen. */
class LiveChart {
  static MARGIN = { top: 10, right: 54, bottom: 44, left: 54 }; // px around the plot

  constructor(canvas, tooltip) {
    this.canvas = canvas;
    this.tooltip = tooltip;
    this.clear();
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerleave", () => this.point(null));
    new ResizeObserver(() => this.draw()).observe(canvas);
    // The page changes its colours by a class on the body.
    new MutationObserver(() => this.draw()).observe(document.body, { attributeFilter: ["class"] });
  }

  clear() {
    this.trainLoss = []; // [examples seen, loss]
    this.testLoss = [];
    this.testAccuracy = []; // [examples seen, share in [0, 1]]
    this.length = 1; // examples that the whole run will see
    this.hovered = null;
    this.draw();
  }

  /** Draw at the next frame, however many points have come until then. */
  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width) return; // in a hidden tab
    this.canvas.width = width * devicePixelRatio;
    this.canvas.height = height * devicePixelRatio;
    const context = this.canvas.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    const color = (name) => getComputedStyle(this.canvas).getPropertyValue(`--demo-${name}`);
    const losses = [...this.trainLoss, ...this.testLoss].map(([, loss]) => loss);
    this.top = Math.max(0.1, ...losses) * 1.05;
    this.plot = {
      left: LiveChart.MARGIN.left,
      top: LiveChart.MARGIN.top,
      width: width - LiveChart.MARGIN.left - LiveChart.MARGIN.right,
      height: height - LiveChart.MARGIN.top - LiveChart.MARGIN.bottom,
    };
    const { fontSize, fontFamily } = getComputedStyle(this.canvas);
    context.font = `${fontSize} ${fontFamily}`;
    this.paintAxes(context, color);
    this.paintLine(context, this.trainLoss, this.top, color("muted"), { width: 1.5 });
    this.paintLine(context, this.testLoss, this.top, color("second"), { width: 2.5, dash: [7, 5], dots: true });
    this.paintLine(context, this.testAccuracy, 1, color("accent"), { width: 2.5, dots: true });
    if (this.hovered !== null) this.paintCursor(context, color("muted"));
  }

  x(examples) {
    return this.plot.left + (this.plot.width * examples) / this.length;
  }

  y(value, top) {
    return this.plot.top + this.plot.height * (1 - Math.min(value / top, 1));
  }

  paintAxes(context, color) {
    const { left, top, width, height } = this.plot;
    context.strokeStyle = color("line");
    context.fillStyle = color("muted");
    context.lineWidth = 1;
    for (let step = 0; step <= 4; step++) {
      const y = top + (height * step) / 4;
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(left + width, y);
      context.stroke();
      context.textBaseline = "middle";
      context.textAlign = "right";
      context.fillText((this.top * (1 - step / 4)).toFixed(2), left - 8, y);
      context.textAlign = "left";
      context.fillText(`${100 - 25 * step}%`, left + width + 8, y);
    }
    context.textBaseline = "top";
    for (let step = 0; step <= 4; step += width < 400 ? 2 : 1) {
      context.textAlign = ["left", "center", "center", "center", "right"][step];
      const examples = (this.length * step) / 4;
      context.fillText(LiveChart.short(examples), this.x(examples), top + height + 6);
    }
    context.textAlign = "center";
    context.fillText("examples seen", left + width / 2, top + height + 24);
  }

  paintLine(context, points, top, color, { width, dash = [], dots = false }) {
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.beginPath();
    for (const [examples, value] of points) context.lineTo(this.x(examples), this.y(value, top));
    context.stroke();
    context.setLineDash([]);
    if (!dots) return;
    for (const [examples, value] of points) {
      context.beginPath();
      context.arc(this.x(examples), this.y(value, top), points.length > 50 ? 2 : 4, 0, 2 * Math.PI);
      context.fill();
    }
  }

  paintCursor(context, color) {
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(this.x(this.hovered), this.plot.top);
    context.lineTo(this.x(this.hovered), this.plot.top + this.plot.height);
    context.stroke();
  }

  /** Show the values nearest to the pointer. */
  point(event) {
    const nearest = event && this.plot ? this.nearestTo(event.offsetX) : null;
    this.hovered = nearest?.examples ?? null;
    this.tooltip.hidden = !nearest;
    if (nearest) {
      this.tooltip.textContent = nearest.text;
      const isRight = this.x(nearest.examples) > this.canvas.clientWidth / 2;
      this.tooltip.style.left = isRight ? "auto" : `${this.x(nearest.examples) + 12}px`;
      this.tooltip.style.right = isRight ? `${this.canvas.clientWidth - this.x(nearest.examples) + 12}px` : "auto";
      this.tooltip.style.top = `${this.canvas.offsetTop + this.plot.top + 8}px`;
    }
    this.draw();
  }

  nearestTo(x) {
    const closest = (points) =>
      points.reduce((a, b) => (a && Math.abs(this.x(a[0]) - x) < Math.abs(this.x(b[0]) - x) ? a : b), null);
    const [train, loss, accuracy] = [this.trainLoss, this.testLoss, this.testAccuracy].map(closest);
    const point = [train, loss].filter(Boolean).reduce((a, b) => (!a || Math.abs(this.x(b[0]) - x) < Math.abs(this.x(a[0]) - x) ? b : a), null);
    if (!point) return null;
    const lines = [`${Math.round(point[0]).toLocaleString("en")} examples`];
    if (train) lines.push(`training loss ${train[1].toFixed(4)}`);
    if (loss) lines.push(`test loss ${loss[1].toFixed(4)}`);
    if (accuracy) lines.push(`test accuracy ${(100 * accuracy[1]).toFixed(2)}%`);
    return { examples: point[0], text: lines.join("\n") };
  }

  /** Write a large number briefly: 1500000 as "1.5M". */
  static short(number) {
    return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(number);
  }
}
