import { ask } from "../asking.js";
import { make, makeButton, wholeNumber } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";
import { drawPixels } from "../pixels.js";

/**
 * @typedef {{ count: number, mean: string, spread: string }} ClassFacts - pictures as base64 of 28 x 28 bytes
 * @typedef {{ counts: number[], edges: number[] }} Histogram
 * @typedef {{ classes: ClassFacts[], ink: Histogram, slant: Histogram }} Facts
 */

const FIRST = "train"; // split

/** How a measure is written. @type {Record<string, (value: number) => string>} */
const UNITS = {
  ink: (value) => `${(100 * value).toFixed(1)}%`,
  slant: (value) => `${value.toFixed(0)}°`,
};

/** @param {import("../mounting.js").Component} component */
export function mount(component) {
  new Overview(component);
}

class Overview {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props }) {
    this.element = element;
    this.classes = props.classes;
    this.split = FIRST;
    this.shown = ""; // split
    /** @type {HTMLDetailsElement} */
    this.details = find(element, "details");
    this.details.addEventListener("toggle", () => this.show());
    listenWhileMounted(element, "sample-shown", (event) => this.follow(event.detail));
    document.dispatchEvent(new Event("sample-repeat"));
  }

  /** @param {{ split: string }} sample - that is shown */
  follow({ split }) {
    this.split = split;
    this.show();
  }

  async show() {
    const { split } = this;
    if (!this.details.open || split === this.shown) return;
    this.shown = split;
    /** @type {Facts | null} */
    const facts = await ask(`samples/${split}/overview`);
    if (split !== this.shown) return;
    if (!facts?.classes) {
      this.shown = ""; // asked again when it is opened again
      return;
    }
    find(this.element, ".classes").replaceChildren(...this.makeClasses(facts.classes));
    for (const bars of this.element.querySelectorAll(".bars")) this.fill(/** @type {HTMLElement} */ (bars), facts);
  }

  /** @param {ClassFacts[]} facts */
  makeClasses(facts) {
    const most = Math.max(...facts.map(({ count }) => count), 1);
    return facts.map(({ count, mean, spread }, label) => {
      const title = `${this.classes[label]}: ${wholeNumber(count)} samples`;
      const button = makeButton("", () => want({ label: `${label}` }), { title, ariaLabel: title });
      const pictures = [mean, spread].map((pixels) => {
        const canvas = make("canvas", { width: 28, height: 28 });
        drawPixels(canvas, pixels);
        return canvas;
      });
      const bar = make("i");
      bar.style.width = `${(100 * count) / most}%`;
      const track = make("span", { className: "track" }, bar);
      button.append(make("b", {}, this.classes[label]), ...pictures, track, make("span", { className: "count" }, wholeNumber(count)));
      return button;
    });
  }

  /** Fill a histogram. @param {HTMLElement} bars @param {Facts} facts */
  fill(bars, facts) {
    const measure = /** @type {"ink" | "slant"} */ (bars.dataset.measure);
    const { counts, edges } = facts[measure];
    const write = UNITS[measure];
    const most = Math.max(...counts, 1);
    bars.replaceChildren(
      ...counts.map((count, place) => {
        const [low, high] = edges.slice(place, place + 2);
        const title = `${write(low)} to ${write(high)}: ${wholeNumber(count)} samples`;
        const choose = () => want({ [`${measure}-from`]: `${low}`, [`${measure}-to`]: `${high}` });
        const button = makeButton("", choose, { title, ariaLabel: title, disabled: !count });
        button.style.setProperty("--share", `${count / most}`);
        return button;
      }),
    );
    const [first, last] = find(/** @type {HTMLElement} */ (bars.parentElement), ".ends").children;
    first.textContent = write(edges[0]);
    last.textContent = write(edges[edges.length - 1]);
  }
}

/** Ask the gallery for samples. @param {Record<string, string>} filter - its fields */
function want(filter) {
  document.dispatchEvent(new CustomEvent("samples-wanted", { detail: filter }));
}
