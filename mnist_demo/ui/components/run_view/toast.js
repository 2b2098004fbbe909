import { find } from "../mounting.js";

/** A short message at the lower edge of the window, which goes by itself; it may offer to take something back. */
export class Toast {
  static SECONDS = 10;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.timer = 0;
    this.button = /** @type {HTMLButtonElement} */ (find(element, "button"));
    this.button.addEventListener("click", () => {
      this.hide();
      this.undo?.();
    });
  }

  /**
   * @param {string} text
   * @param {() => void} [undo]
   */
  show(text, undo) {
    this.undo = undo;
    find(this.element, "span").textContent = text;
    this.button.hidden = !undo;
    this.element.hidden = false;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.hide(), 1000 * Toast.SECONDS);
  }

  hide() {
    clearTimeout(this.timer);
    this.element.hidden = true;
  }
}
