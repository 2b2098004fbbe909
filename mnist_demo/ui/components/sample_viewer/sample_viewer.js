import { wholeNumber } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";
import { drawPixels } from "../pixels.js";

/**
 * @typedef {{ classes: string[], split: string, name: string, size: number, index: number, label: number,
 *   pixels: string, error?: string }} View - pixels as base64 of 28 x 28 bytes
 * @typedef {{ split?: string, index: number }} Wanted
 */

const SIDE = 28; // px
const PATIENCE = 2000; // ms after which an answer is not waited for any more
const STEPS = new Map([
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
]);

/**
 * One sample.
 * @param {import("../mounting.js").Component} component
 */
export function mount(component) {
  new SampleViewer(component);
}

/**
 * The document asks for a sample by "sample-wanted", and hears which one is shown by "sample-shown"; who comes late asks
 * for that again by "sample-repeat". "sample-row" tells which row of pixels is under the pointer. Where a step leads,
 * "sample-step", the gallery knows.
 */
class SampleViewer {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props, trigger, watch }) {
    this.element = element;
    this.props = props;
    this.trigger = trigger;
    /** @type {View | null} */
    this.view = null;
    /** @type {Wanted | null} */
    this.wanted = null; // runs ahead of what is shown
    this.askedAt = -Infinity; // when the server was asked for a sample that has not come yet
    /** @type {Wanted | null} */
    this.asked = null; // for that one
    /** @type {HTMLCanvasElement} */
    this.image = find(element, "#browse-image");
    find(element, "#browse-previous").addEventListener("click", () => this.step(-1));
    find(element, "#browse-next").addEventListener("click", () => this.step(1));
    find(element, "#browse-random").addEventListener("click", () => this.goAnywhere());
    this.offerCopy(find(element, "#browse-copy"));
    listenWhileMounted(element, "keydown", (event) => this.press(event));
    listenWhileMounted(element, "sample-wanted", (event) => this.want(event.detail));
    listenWhileMounted(element, "sample-repeat", () => this.tell());
    listenWhileMounted(element, "sample-row", (event) => this.light(event.detail));
    const tellRow = (/** @type {number} */ row) => document.dispatchEvent(new CustomEvent("sample-row", { detail: row }));
    this.image.addEventListener("pointermove", ({ offsetY }) => tellRow(Math.floor((offsetY / this.image.clientHeight) * SIDE)));
    this.image.addEventListener("pointerleave", () => tellRow(-1));
    watch("value", () => this.render(props.value));
    this.render(props.value);
  }

  /** Let the page's address be copied, where the browser allows it: on https and on this machine. @param {HTMLElement} button */
  offerCopy(button) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(location.href);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy link"), 2000);
    });
  }

  /** Light a row of the picture, as the table of its bytes does. @param {number} row - -1 for none */
  light(row) {
    const mark = find(this.element, ".picture .row");
    mark.hidden = row < 0;
    mark.style.top = `${(100 * row) / SIDE}%`;
  }

  /** @param {number} step */
  step(step) {
    document.dispatchEvent(new CustomEvent("sample-step", { detail: step }));
  }

  goAnywhere() {
    if (this.view) this.want({ index: Math.floor(Math.random() * this.view.size) });
  }

  /** @param {Wanted} sample */
  want(sample) {
    this.wanted = sample;
    if (performance.now() - this.askedAt > PATIENCE) this.ask(sample);
  }

  /** Ask for a sample; one question at a time, because an answer replaces the value with the question. @param {Wanted} sample */
  ask({ split, index }) {
    this.askedAt = performance.now();
    this.asked = { split, index };
    this.wanted = null;
    this.props.value = { split, wanted: index };
    this.trigger("select");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const isTyping = document.activeElement?.matches("input, textarea, select, [role=tab]");
    const step = STEPS.get(event.key);
    if (!step || isTyping || this.image.offsetParent === null) return;
    event.preventDefault();
    this.step(step);
  }

  /** @param {View | { error: string }} value */
  render(value) {
    this.askedAt = -Infinity;
    const error = find(this.element, ".error");
    error.textContent = value.error ?? "";
    error.hidden = !value.error;
    if (value.error) this.asked = null;
    if (this.wanted) this.ask(this.wanted);
    if (!("pixels" in value)) return; // what was shown stays
    this.view = value;
    this.show(value);
    if (this.isBehind(value)) return; // who counts on from what is shown would lose the steps that are under way
    this.asked = null;
    this.tell();
  }

  /** Return whether another sample has been asked for since. @param {View} view */
  isBehind({ split, index }) {
    return this.asked !== null && (this.asked.index !== index || (this.asked.split ?? split) !== split);
  }

  /** @param {View} view */
  show({ classes, name, size, index, label, pixels }) {
    const title = name[0].toUpperCase() + name.slice(1);
    drawPixels(this.image, pixels);
    this.image.setAttribute("aria-label", `Sample ${index} of the ${name} set, labelled ${classes[label]}`);
    const caption = find(this.element, "#browse-label");
    caption.textContent = classes[label];
    caption.classList.toggle("named", classes[label].length > 1);
    find(this.element, ".position").textContent = `${title} set, index ${wholeNumber(index)} of ${wholeNumber(size)}`;
  }

  tell() {
    if (!this.view) return;
    const { split, index } = this.view;
    document.dispatchEvent(new CustomEvent("sample-shown", { detail: { split, index } }));
  }
}
