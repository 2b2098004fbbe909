const STILL = 5; // px that a finger may move in a tap
const WHEEL = 0.002; // of a doubling, for each px that the wheel scrolls
const STRIDE = 40; // px that an arrow key moves
const STEP = 1.5; // times, that a key zooms

/** @type {Record<string, number[]>} */
const ARROWS = { ArrowLeft: [STRIDE, 0], ArrowRight: [-STRIDE, 0], ArrowUp: [0, STRIDE], ArrowDown: [0, -STRIDE] };
/** @type {Record<string, number>} */
const ZOOMS = { "+": STEP, "=": STEP, "-": 1 / STEP };

/**
 * What a hand does on the map.
 * @typedef {object} Listener
 * @property {() => void} viewed - the viewport is another
 * @property {(place: number[]) => void} pointed - at a place of the stage, in px
 * @property {() => void} left
 * @property {(place: number[]) => void} chosen
 * @property {(outline: number[][], isDone: boolean) => void} outlined - as points of the map
 */

/** Moves and zooms a viewport by mouse, pen, fingers and keys, and draws outlines in lasso mode. */
export class Gestures {
  /**
   * @param {HTMLElement} stage
   * @param {import("./viewport.js").Viewport} viewport
   * @param {Listener} listener
   */
  constructor(stage, viewport, listener) {
    this.stage = stage;
    this.viewport = viewport;
    this.listener = listener;
    this.isLasso = false;
    /** @type {Map<number, number[]>} */
    this.fingers = new Map(); // where each is
    /** @type {number[][]} */
    this.outline = [];
    this.moved = 0; // px since the first finger came down
    stage.addEventListener("pointerdown", (event) => this.press(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.lift(event, true));
    stage.addEventListener("pointercancel", (event) => this.lift(event, false));
    stage.addEventListener("pointerleave", () => listener.left());
    stage.addEventListener("wheel", (event) => this.scroll(event), { passive: false });
    stage.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {PointerEvent} event */
  press(event) {
    this.stage.setPointerCapture(event.pointerId);
    if (!this.fingers.size) this.moved = 0;
    this.fingers.set(event.pointerId, placeOf(event));
    this.outline = this.isLasso && this.fingers.size === 1 ? [this.viewport.toMap(placeOf(event))] : [];
  }

  /** @param {PointerEvent} event */
  move(event) {
    const place = placeOf(event);
    const before = this.fingers.get(event.pointerId);
    if (!before) return this.listener.pointed(place);
    const [right, down] = [place[0] - before[0], place[1] - before[1]];
    this.moved += Math.hypot(right, down);
    const others = [...this.fingers].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
    this.fingers.set(event.pointerId, place);
    if (others.length) this.pinch(others[0], before, place);
    else if (this.isLasso) this.draw(place);
    else this.pan(right, down);
  }

  /** @param {number[]} other - the finger that rests @param {number[]} before @param {number[]} after */
  pinch(other, before, after) {
    const distance = (/** @type {number[]} */ place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
    this.viewport.zoomBy(distance(after) / distance(before), [0, 1].map((axis) => (other[axis] + after[axis]) / 2));
    this.pan((after[0] - before[0]) / 2, (after[1] - before[1]) / 2);
  }

  /** @param {number} right @param {number} down */
  pan(right, down) {
    this.viewport.move(right, down);
    this.listener.viewed();
  }

  /** @param {number[]} place */
  draw(place) {
    this.outline.push(this.viewport.toMap(place));
    this.listener.outlined(this.outline, false);
  }

  /** @param {PointerEvent} event @param {boolean} isWanted */
  lift(event, isWanted) {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    const isTap = this.moved <= STILL;
    if (isWanted && isTap) this.listener.chosen(placeOf(event));
    else if (this.isLasso && this.outline.length > 2) this.listener.outlined(this.outline, isWanted);
  }

  /** Zoom, where the map is in use: a page that is scrolled past it goes on scrolling. @param {WheelEvent} event */
  scroll(event) {
    if (document.activeElement !== this.stage && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.viewport.zoomBy(2 ** (-event.deltaY * WHEEL), placeOf(event));
    this.listener.viewed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { viewport } = this;
    const middle = [viewport.width / 2, viewport.height / 2];
    if (event.key in ARROWS) viewport.move(ARROWS[event.key][0], ARROWS[event.key][1]);
    else if (event.key in ZOOMS) viewport.zoomBy(ZOOMS[event.key]);
    else if (event.key === "Enter") return this.listener.chosen(middle);
    else return;
    event.preventDefault();
    event.stopPropagation(); // beside the map, arrows step to the next sample
    this.listener.viewed();
    this.listener.pointed(middle);
  }
}

/** Return where a pointer is on the stage, in px. @param {MouseEvent} event */
function placeOf({ offsetX, offsetY }) {
  return [offsetX, offsetY];
}
