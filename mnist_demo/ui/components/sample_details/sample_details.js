import { ask } from "../asking.js";
import { make } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";
import { lightRow, showFiles } from "./file_view.js";
import { NeighboursView } from "./neighbours.js";

/** @typedef {import("./neighbours.js").Sample} Sample */
/** @typedef {{ network: string, title: string, guess: number, confidence: number, rejected: boolean }} Answer */

/** @param {import("../mounting.js").Component} component */
export function mount(component) {
  new SampleDetails(component);
}

/** Follows the sample that is shown and the network that is chosen: the document's "sample-shown" and "browse-network". */
class SampleDetails {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props }) {
    this.element = element;
    this.props = props;
    this.address = ""; // of the sample
    this.answers = find(element, ".answers tbody");
    this.network = new URLSearchParams(location.search).get("network") ?? props.network;
    this.neighbours = new NeighboursView(find(element, "#browse-neighbours"), props, this.network);
    /** @type {HTMLDetailsElement} */
    this.file = find(element, ".file");
    this.file.addEventListener("toggle", () => this.showFile());
    listenWhileMounted(element, "sample-shown", (event) => this.follow(event.detail));
    listenWhileMounted(element, "browse-network", (event) => this.choose(event.detail));
    listenWhileMounted(element, "sample-row", (event) => lightRow(element, event.detail));
    document.dispatchEvent(new Event("sample-repeat"));
  }

  /** @param {Sample} sample */
  follow(sample) {
    const { split, index } = sample;
    const address = `samples/${split}/${index}`;
    if (address === this.address) return;
    this.address = address;
    this.neighbours.look(sample);
    this.showFile();
    this.ask();
  }

  /** @param {string} network */
  choose(network) {
    if (network === this.network) return;
    this.network = network;
    this.neighbours.choose(network);
    this.ask();
  }

  /** Ask what networks say of the sample. */
  async ask() {
    const { address, network } = this;
    if (!address) return;
    const sample = await ask(`${address}?network=${encodeURIComponent(network)}`);
    if (address !== this.address || network !== this.network) return;
    this.answers.replaceChildren(...(sample?.answers ?? []).map((/** @type {Answer} */ answer) => this.makeRow(answer, sample.label)));
    this.neighbours.mark(sample?.label);
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

  /** @param {Answer} answer @param {number} label */
  makeRow({ network, title, guess, confidence, rejected }, label) {
    const said = `${this.props.classes[guess]}${rejected ? " (rejected)" : ""}`;
    const row = make("tr", {}, make("th", { scope: "row" }, title), make("td", {}, said));
    row.append(make("td", {}, `${(100 * confidence).toFixed(1)}%`));
    row.classList.toggle("wrong", guess !== label);
    row.classList.toggle("chosen", network === this.network);
    return row;
  }

  async showFile() {
    const { address } = this;
    if (!this.file.open || !address) return;
    const files = await ask(`${address}/file`);
    if (files?.image && address === this.address) showFiles(find(this.element, "#browse-file"), files);
  }
}
