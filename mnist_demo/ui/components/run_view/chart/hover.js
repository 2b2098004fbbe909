/**
 * @import { ChartAxes } from "./axes.js"
 * @typedef {{ name: string, value: string, color: string, place?: { x: number, y: number } }} Row - one point, its px
 * @typedef {{ examples: number, rows: Row[] }} Reading - the values at a number of examples
 */

/** What a chart tells about the place under the pointer: a line, rings around the nearest points, and a tooltip. */
export class ChartHover {
  static GAP = 12; // px from the tooltip to the line and to the plot's edge
  static RADIUS = 4.5; // px of a ring
  static NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} tooltip a neighbour of the canvas, placed absolutely in the element around both
   * @param {() => void} onMove
   */
  constructor(canvas, tooltip, onMove) {
    /** @type {number | null} */
    this.x = null; // px from the canvas's left edge; null without a pointer
    this.tooltip = tooltip;
    this.onMove = onMove;
    // From there it is moved by transforms, which neither lay out nor repaint what is around it.
    Object.assign(tooltip.style, { left: 0, top: 0, willChange: "transform" });
    const follow = (/** @type {PointerEvent} */ event) => this.move(event.offsetX);
    const leave = () => this.move(null);
    canvas.addEventListener("pointermove", follow);
    canvas.addEventListener("pointercancel", leave); // the finger scrolls the page
    canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && leave());
    canvas.addEventListener("pointerup", (event) => {
      if (event.pointerType !== "touch") return;
      follow(event); // what was tapped stays until the next tap, wherever that is
      document.addEventListener("pointerdown", leave, { once: true, capture: true });
    });
  }

  /** @param {number | null} x */
  move(x) {
    if (x === this.x) return;
    this.x = x;
    this.onMove();
  }

  /**
   * Paint what is read over the chart's picture.
   * @param {CanvasRenderingContext2D} context
   * @param {ChartAxes} axes
   * @param {{muted: string, panel: string}} look
   * @param {Reading} reading
   */
  paint(context, axes, { muted, panel }, { examples, rows }) {
    const x = Math.round(axes.x(examples)) + 0.5;
    context.strokeStyle = muted;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, axes.top);
    context.lineTo(x, axes.bottom);
    context.stroke();
    context.fillStyle = panel;
    context.lineWidth = 2.5;
    for (const { color, place } of [...rows].reverse()) {
      if (!place || !axes.isInside(place.y)) continue;
      context.strokeStyle = color;
      context.beginPath();
      context.arc(place.x, place.y, ChartHover.RADIUS, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  /**
   * Say what is read, beside the line and off the highest point.
   * @param {ChartAxes} axes
   * @param {Reading} reading
   * @param {number} offset px from the top of the tooltip's parent to the canvas
   */
  tell(axes, { examples, rows }, offset) {
    const [x, top, bottom] = [axes.x(examples), offset + axes.top, offset + axes.bottom].map(Math.round);
    const width = axes.right + axes.left; // of the canvas
    const highest = Math.min(...rows.map(({ place }) => place?.y ?? Infinity));
    const isHigh = highest < (axes.top + axes.bottom) / 2;
    const [gap, isRight] = [ChartHover.GAP, x > width / 2];
    const left = isRight ? `max(0px, ${x - gap}px - 100%)` : `min(${x + gap}px, ${width}px - 100%)`;
    const down = isHigh ? `${bottom - gap}px - 100%` : `${top + gap}px`;
    this.tooltip.style.transform = `translate(${left}, calc(${down}))`; // 100% is its own width or height
    this.tooltip.hidden = false;
    const heading = document.createElement("div");
    heading.textContent = `${ChartHover.NUMBER.format(examples)} examples`;
    this.tooltip.replaceChildren(heading, ...rows.map(ChartHover.makeRow));
  }

  hide() {
    this.tooltip.hidden = true;
  }

  /** @param {Row} row */
  static makeRow({ name, value, color }) {
    const row = document.createElement("div");
    const swatch = document.createElement("i");
    const [nameText, valueText] = [document.createElement("span"), document.createElement("b")];
    swatch.style.background = color;
    nameText.textContent = name;
    valueText.textContent = value;
    row.append(swatch, nameText, " ", valueText);
    return row;
  }
}
