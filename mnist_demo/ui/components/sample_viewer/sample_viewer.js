import { make, makeButton, wholeNumber } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";
import { drawPixels } from "../pixels.js";

/**
 * @typedef {{ index: number, label: number, pixels: string }} Sample - pixels as base64 of 28 x 28 bytes
 * @typedef {{ classes: string[], name: string, size: number, samples: Sample[], error?: string }} View
 */

const PATIENCE = 2000; // ms after which an answer is not waited for any more
const STEPS = new Map([
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
]);

/**
 * Samples by index.
 * @param {import("../mounting.js").Component} component
 */
export function mount(component) {
  new SampleViewer(component);
}

class SampleViewer {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props, trigger, watch }) {
    this.element = element;
    this.props = props;
    this.trigger = trigger;
    this.size = 0;
    this.wanted = 0; // runs ahead of what is shown, so that quick clicks all count
    this.askedAt = -Infinity; // when the server was asked for a sample that has not come yet
    /** @type {HTMLCanvasElement} */
    this.image = find(element, "#browse-image");
    /** @type {HTMLButtonElement} */
    this.previous = find(element, "#browse-previous");
    /** @type {HTMLButtonElement} */
    this.next = find(element, "#browse-next");
    this.previous.addEventListener("click", () => this.want(this.wanted - 1));
    this.next.addEventListener("click", () => this.want(this.wanted + 1));
    find(element, "#browse-random").addEventListener("click", () => this.want(Math.floor(Math.random() * this.size)));
    listenWhileMounted(element, "keydown", (event) => this.press(event));
    watch("value", () => this.render(props.value));
    this.render(props.value);
  }

  /** @param {number} index */
  want(index) {
    this.wanted = Math.min(Math.max(index, 0), this.size - 1);
    if (performance.now() - this.askedAt > PATIENCE) this.ask();
  }

  /** Ask for the wanted sample; one question at a time, because an answer replaces the value with the question. */
  ask() {
    this.askedAt = performance.now();
    this.props.value = { wanted: this.wanted };
    this.trigger("select");
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const isTyping = document.activeElement?.matches("input, textarea, select, [role=tab]");
    const step = STEPS.get(event.key);
    if (!step || isTyping || this.image.offsetParent === null) return;
    event.preventDefault();
    this.want(this.wanted + step);
  }

  /** @param {View | { error: string }} value */
  render(value) {
    const isAnswer = this.askedAt > -Infinity;
    this.askedAt = -Infinity;
    const error = find(this.element, ".error");
    error.textContent = value.error ?? "";
    error.hidden = !value.error;
    if (!("samples" in value)) return; // what was shown stays
    this.size = value.size;
    if (isAnswer && value.samples[0].index !== this.wanted) this.ask();
    else this.wanted = value.samples[0].index;
    this.show(value);
  }

  /** @param {View} view */
  show({ classes, name, size, samples: [sample, ...following] }) {
    const title = name[0].toUpperCase() + name.slice(1);
    drawPixels(this.image, sample.pixels);
    this.image.setAttribute("aria-label", `Sample ${sample.index} of the ${name} set, labelled ${classes[sample.label]}`);
    find(this.element, "#browse-label").textContent = classes[sample.label];
    find(this.element, ".position").textContent = `${title} set, index ${wholeNumber(sample.index)} of ${wholeNumber(size)}`;
    this.previous.disabled = sample.index === 0;
    this.next.disabled = sample.index === size - 1;
    find(this.element, ".strip").replaceChildren(...following.map((each) => this.makeThumbnail(each, classes)));
  }

  /** @param {Sample} sample @param {string[]} classes */
  makeThumbnail({ index, label, pixels }, classes) {
    const canvas = make("canvas", { width: 28, height: 28 });
    drawPixels(canvas, pixels);
    const button = makeButton("", () => this.want(index), { title: `Index ${index}` });
    button.append(canvas, classes[label]);
    return button;
  }
}
