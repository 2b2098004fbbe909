import { ask } from "../asking.js";
import { make, makeButton } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";
import { lightRow, showFiles } from "./file_view.js";

/** @typedef {{ network: string, guess: number, confidence: number, rejected: boolean }} Answer */
/** @typedef {{ index: number, label: number, distance: number }} Neighbour */

const NEIGHBOURS = 12;
const COLUMNS = 16; // pictures in a row of a sprite

/** @param {import("../mounting.js").Component} component */
export function mount(component) {
  new SampleDetails(component);
}

/** Follows the sample that is shown, of which the document's event "sample-shown" tells. */
class SampleDetails {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props }) {
    this.element = element;
    this.props = props;
    this.address = ""; // of the sample
    this.answers = find(element, ".answers tbody");
    this.neighbours = find(element, ".neighbours");
    /** @type {HTMLDetailsElement} */
    this.file = find(element, ".file");
    this.file.addEventListener("toggle", () => this.showFile());
    listenWhileMounted(element, "sample-shown", (event) => this.follow(event.detail));
    listenWhileMounted(element, "sample-row", (event) => lightRow(element, event.detail));
    document.dispatchEvent(new Event("sample-repeat"));
  }

  /** @param {{ split: string, index: number }} sample */
  async follow({ split, index }) {
    const address = `samples/${split}/${index}`;
    if (address === this.address) return;
    this.address = address;
    const [sample, near] = await Promise.all([
      ask(address),
      ask("samples/neighbours", { split, index, count: NEIGHBOURS }),
      this.showFile(),
    ]);
    if (address !== this.address) return;
    this.answers.replaceChildren(...(sample?.answers ?? []).map((/** @type {Answer} */ answer) => this.makeRow(answer, sample.label)));
    this.showNeighbours(near?.neighbours ?? [], sample?.label);
    this.showDoubt(sample?.doubt ?? null, sample?.label);
  }

  /** @param {{ proposed: number, confidence: number } | null} doubt @param {number} label */
  showDoubt(doubt, label) {
    const text = find(this.element, ".doubt");
    text.hidden = !doubt;
    if (!doubt) return;
    const { classes } = this.props;
    const sure = `${(100 * doubt.confidence).toFixed(0)}%`;
    text.textContent = `Likely label error: labelled ${classes[label]}, networks that did not learn from it say ${classes[doubt.proposed]} (${sure}).`;
  }

  /** @param {Neighbour[]} neighbours @param {number | undefined} label - of the sample */
  showNeighbours(neighbours, label) {
    const sprite = `samples/train/sprite?v=${this.props.version}&at=${neighbours.map((each) => each.index).join()}`;
    this.neighbours.replaceChildren(...neighbours.map((each, place) => this.makeNeighbour(each, place, sprite, label)));
  }

  /** @param {Answer} answer @param {number} label */
  makeRow({ network, guess, confidence, rejected }, label) {
    const said = `${this.props.classes[guess]}${rejected ? " (rejected)" : ""}`;
    const row = make("tr", {}, make("th", { scope: "row" }, network), make("td", {}, said));
    row.append(make("td", {}, `${(100 * confidence).toFixed(1)}%`));
    row.classList.toggle("wrong", guess !== label);
    return row;
  }

  /** @param {Neighbour} neighbour @param {number} place @param {string} sprite @param {number | undefined} label */
  makeNeighbour({ index, label: own, distance }, place, sprite, label) {
    const name = this.props.classes[own];
    const title = `Training index ${index}, labelled ${name}, distance ${distance}`;
    const picture = make("span", { className: "picture" });
    const [row, column] = [Math.floor(place / COLUMNS), place % COLUMNS];
    picture.style.backgroundImage = `url("${sprite}")`;
    picture.style.backgroundPosition = `${(column / (COLUMNS - 1)) * 100}% ${row * 100}%`;
    const choose = () => document.dispatchEvent(new CustomEvent("sample-wanted", { detail: { split: "train", index } }));
    const button = makeButton("", choose, { title, ariaLabel: title });
    button.append(picture, `${name} · ${Math.round(distance)}`);
    button.classList.toggle("wrong", own !== label);
    return button;
  }

  async showFile() {
    const { address } = this;
    if (!this.file.open || !address) return;
    const files = await ask(`${address}/file`);
    if (files?.image && address === this.address) showFiles(find(this.element, "#browse-file"), files);
  }
}
