import { ask } from "../asking.js";
import { find, listenWhileMounted } from "../mounting.js";
import { CorruptionsView } from "./corruptions.js";
import { DamageView } from "./damage.js";
import { Diagram } from "./diagram.js";
import { FoolView } from "./fool.js";
import { MapsView } from "./maps.js";
import { Saliency } from "./saliency.js";

/** @param {import("../mounting.js").Component} component */
export function mount(component) {
  new InsideView(component);
}

/** Looks into the network at what it sees of the drawing, while it is open. */
class InsideView {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props }) {
    this.network = props.network;
    this.pixels = "";
    /** @type {HTMLDetailsElement} */
    this.details = find(element, "details");
    this.nothing = find(element, ".nothing");
    this.views = find(element, ".views");
    this.version = props.figures;
    this.isCompared = false;
    this.damage = new DamageView(find(element, "#inside-damage"), props.classes, props.damages);
    this.corruptions = new CorruptionsView(find(element, "#inside-corruptions"), props.classes, props.corruptions);
    this.parts = [
      new Saliency(find(element, "#inside-saliency"), props.classes),
      this.damage,
      this.corruptions,
      new FoolView(find(element, "#inside-fool"), props.classes),
      new Diagram(find(element, "#inside-network")),
      new MapsView(find(element, "#inside-maps")),
    ];
    listenWhileMounted(element, "drawing-read", (event) => this.take(event.detail));
    listenWhileMounted(element, "network-chosen", (event) => this.choose(event.detail));
    this.details.addEventListener("toggle", () => this.look());
    document.dispatchEvent(new Event("drawing-wanted")); // a quick hand may have drawn before this was here
  }

  /** @param {import("../draw_pad/drawing_reader.js").Reading | null} reading */
  take(reading) {
    // Of a number, its first digit: each is looked at on its own.
    const [first] = reading?.digits ?? [];
    const pixels = reading?.guess === null ? "" : (reading?.pixels ?? first?.pixels ?? "");
    if (reading?.error || pixels === this.pixels) return;
    this.pixels = pixels;
    this.look();
  }

  /** @param {string} network */
  choose(network) {
    this.network = network;
    this.look();
  }

  look() {
    if (!this.details.open) return;
    const { network, pixels } = this;
    this.nothing.hidden = Boolean(pixels);
    this.views.hidden = !pixels;
    if (!pixels) return;
    this.parts.forEach((part) => part.look({ network, pixels }));
    this.compare();
  }

  /** Ask how robust the bundled networks are, until it is known. */
  async compare() {
    if (this.isCompared) return;
    this.isCompared = true;
    const figures = await ask(`inside/robustness?v=${this.version}`);
    this.isCompared = Boolean(figures?.samples);
    if (this.isCompared) [this.damage, this.corruptions].forEach((part) => part.compare(figures));
  }
}
