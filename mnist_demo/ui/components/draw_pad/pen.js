/** @typedef {import("./strokes.js").Point} Point */

/**
 * What a Pen reports: a stroke begins, goes on, ends, or turns out not to have been meant.
 * @typedef {{ begin: (point: Point) => void, extend: (points: Point[]) => void, end: () => void, drop: () => void }} Strokes
 */

/**
 * The pointer that draws on a canvas: one at a time, and a pen before a finger. A hand that holds a pen rests on the
 * screen, often before the pen is down: what it drew is dropped, and touches are ignored while a pen is near.
 */
export class Pen {
  /**
   * For how long after a pen was last seen touches are taken for the hand that holds it, in ms: longer than a hand lifts
   * between two strokes of a digit, shorter than it takes to put the pen away and go on with a finger.
   */
  static NEAR = 1000;

  /**
   * @param {HTMLElement} canvas
   * @param {Strokes} strokes
   */
  constructor(canvas, strokes) {
    this.canvas = canvas;
    this.strokes = strokes;
    /** @type {{ id: number, isTouch: boolean } | null} */
    this.pointer = null;
    this.penSeenAt = -Infinity;
    canvas.addEventListener("pointerdown", (event) => this.touchDown(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointercancel", (event) => this.cancel(event));
    for (const type of /** @type {const} */ (["pointerup", "lostpointercapture"])) {
      canvas.addEventListener(type, (event) => this.lift(event));
    }
  }

  get isDown() {
    return this.pointer !== null;
  }

  /** Forget the pointer: the stroke that it draws is over, whatever its hand does. */
  letGo() {
    this.pointer = null;
  }

  /** @param {PointerEvent} event */
  touchDown(event) {
    this.lookForPen(event);
    if (event.button !== 0 || !this.mayDraw(event)) return;
    if (this.pointer) this.strokes.drop();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = { id: event.pointerId, isTouch: event.pointerType === "touch" };
    this.strokes.begin(this.positionOf(event));
  }

  /** @param {PointerEvent} event */
  mayDraw({ pointerType, timeStamp }) {
    if (this.pointer) return this.pointer.isTouch && pointerType === "pen";
    return pointerType !== "touch" || timeStamp - this.penSeenAt > Pen.NEAR;
  }

  /** @param {PointerEvent} event */
  move(event) {
    this.lookForPen(event);
    if (event.pointerId !== this.pointer?.id) return;
    const events = event.getCoalescedEvents?.() ?? [];
    this.strokes.extend((events.length ? events : [event]).map((each) => this.positionOf(each)));
  }

  /** @param {PointerEvent} event */
  lift(event) {
    this.lookForPen(event);
    if (event.pointerId !== this.pointer?.id) return;
    this.pointer = null;
    this.strokes.end();
  }

  /** A touch is cancelled where the system takes it for a palm or for a gesture of its own. @param {PointerEvent} event */
  cancel(event) {
    if (event.pointerId !== this.pointer?.id) return;
    if (this.pointer.isTouch) this.strokes.drop();
    this.lift(event);
  }

  /** @param {PointerEvent} event */
  lookForPen({ pointerType, timeStamp }) {
    if (pointerType === "pen") this.penSeenAt = timeStamp;
  }

  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  positionOf({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  }
}
