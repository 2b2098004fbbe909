import { ask } from "../asking.js";
import { make, makeButton } from "../elements.js";
import { find } from "../mounting.js";

/**
 * @typedef {{ split: string, index: number }} Sample
 * @typedef {{ index: number, label: number, distance: number }} Neighbour
 * @typedef {{ neighbours?: Neighbour[], width?: number, progress?: number, error?: string }} Answer - width of the layer
 */

const COUNT = 12;
const COLUMNS = 16; // pictures in a row of a sprite
const PATIENCE = 700; // ms until a network that is still reading the training set is asked again
const IN_PIXELS = "By the Euclidean distance of their pixels, exact over all of them.";

/** The training samples that are most similar to a sample: in their pixels, or in the last hidden layer of a network. */
export class NeighboursView {
  /** @param {HTMLElement} section @param {import("../mounting.js").Component["props"]} props @param {string} network - that is chosen */
  constructor(section, { classes, version }, network) {
    this.section = section;
    this.classes = classes;
    this.version = version;
    this.network = network;
    this.isOfNetwork = false;
    /** @type {Sample | null} */
    this.sample = null;
    this.questions = 0; // that were asked: the answer to an older one is dropped
    /** @type {number | undefined} */
    this.label = undefined; // of the sample
    this.hint = find(section, ".hint");
    this.hint.textContent = IN_PIXELS;
    this.list = find(section, ".neighbours");
    /** @type {HTMLButtonElement[]} */
    this.spaces = [...section.querySelectorAll(".spaces button")].map((button) => /** @type {HTMLButtonElement} */ (button));
    for (const button of this.spaces) button.addEventListener("click", () => this.measure(button.value === "network"));
  }

  /** Look for what is similar in the last hidden layer of the network, or in pixels. @param {boolean} isOfNetwork */
  measure(isOfNetwork) {
    this.isOfNetwork = isOfNetwork;
    this.spaces.forEach((button) => (button.ariaPressed = String((button.value === "network") === isOfNetwork)));
    this.ask();
  }

  get name() {
    return this.network.startsWith("run:") ? "the run's network" : this.network;
  }

  /** @param {string} network - that is chosen */
  choose(network) {
    this.network = network;
    if (this.isOfNetwork) this.ask();
  }

  /** @param {Sample} sample - that is shown */
  look(sample) {
    this.sample = sample;
    this.label = undefined; // until it has come
    this.ask();
  }

  async ask() {
    const question = (this.questions += 1);
    const where = this.isOfNetwork ? { network: this.network } : {};
    /** @type {Answer | null} */
    const answer = await ask("samples/neighbours", { ...this.sample, count: COUNT, ...where });
    if (question !== this.questions) return;
    this.show(answer ?? {});
    const again = () => question === this.questions && this.section.isConnected && this.ask();
    if (answer?.progress !== undefined) setTimeout(again, PATIENCE);
  }

  /** @param {Answer} answer */
  show({ neighbours = [], width, progress, error }) {
    this.hint.textContent = error ?? this.describe(width, progress);
    const sprite = `samples/train/sprite?v=${this.version}&at=${neighbours.map((each) => each.index).join()}`;
    this.list.replaceChildren(...neighbours.map((each, place) => this.makeNeighbour(each, place, sprite)));
    this.mark(this.label);
  }

  /** @param {number | undefined} width @param {number | undefined} progress */
  describe(width, progress) {
    if (progress !== undefined) return `Once, ${this.name} reads all of the training set: ${Math.floor(100 * progress)}%`;
    if (width === undefined) return IN_PIXELS;
    return `By the Euclidean distance of the ${width} numbers in the last hidden layer of ${this.name}, exact over all of them: what it finds alike.`;
  }

  /** Mark the neighbours of another label. @param {number | undefined} label - of the sample */
  mark(label) {
    this.label = label;
    for (const button of this.list.querySelectorAll("button")) {
      button.classList.toggle("wrong", label !== undefined && button.value !== String(label));
    }
  }

  /** @param {Neighbour} neighbour @param {number} place @param {string} sprite */
  makeNeighbour({ index, label, distance }, place, sprite) {
    const name = this.classes[label];
    const title = `Training index ${index}, labelled ${name}, distance ${distance}`;
    const picture = make("span", { className: "picture" });
    const [row, column] = [Math.floor(place / COLUMNS), place % COLUMNS];
    picture.style.backgroundImage = `url("${sprite}")`;
    picture.style.backgroundPosition = `${(column / (COLUMNS - 1)) * 100}% ${row * 100}%`;
    const choose = () => document.dispatchEvent(new CustomEvent("sample-wanted", { detail: { split: "train", index } }));
    const button = makeButton("", choose, { title, ariaLabel: title, value: String(label) });
    button.append(picture, `${name} · ${this.isOfNetwork ? distance.toFixed(2) : Math.round(distance)}`);
    return button;
  }
}
