import { find, listenWhileMounted } from "../mounting.js";
import { Filters } from "./filters.js";
import { Grid } from "./grid.js";
import { Listing } from "./listing.js";

const FIRST = "train"; // split
const SIZES = [32, 48, 76]; // px of a picture
const PAUSE = 150; // ms in which more may be typed

/** @param {import("../mounting.js").Component} component */
export function mount(component) {
  new Gallery(component);
}

/**
 * All samples of a split as a gallery, with filters, all of which stand in the page's address.
 *
 * It asks for a sample by the document's event "sample-wanted" and hears which one is shown by "sample-shown"; a step
 * from there, "sample-step", goes to the next one that the filters let through. "samples-wanted" sets filters, and
 * "browse-network" names the network, of the menu or of the page's address. What is asked for it tells by
 * "samples-filtered", also who asks by "filters-wanted".
 */
class Gallery {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props, trigger }) {
    this.props = props;
    this.trigger = trigger;
    this.network = props.network;
    this.split = FIRST;
    this.index = 0;
    this.steps = Promise.resolve();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.filters = new Filters(find(element, "form"), props.classes, props.networks, () => this.searchSoon());
    this.grid = new Grid(find(element, ".grid"), props.classes, (index) => this.want(index));
    this.listing = this.makeListing();
    for (const button of element.querySelectorAll(".sizes button")) {
      button.addEventListener("click", () => this.grid.resize(SIZES[Number(button.getAttribute("value"))]));
    }
    listenWhileMounted(element, "sample-shown", (event) => this.follow(event.detail));
    listenWhileMounted(element, "sample-step", (event) => this.stepLater(event.detail));
    listenWhileMounted(element, "samples-wanted", (event) => this.filter(event.detail));
    listenWhileMounted(element, "browse-network", (event) => this.choose(event.detail));
    listenWhileMounted(element, "filters-wanted", () => this.tell());
    listenWhileMounted(element, "address-changed", () => this.open());
    this.open();
  }

  /** Show what the address asks for. */
  open() {
    const query = new URLSearchParams(location.search);
    if (query.has("tab") && query.get("tab") !== "browse") return;
    this.filters.read(query);
    const network = query.get("network") ?? this.props.network;
    const split = query.get("split") ?? this.split;
    const isOfSample = query.has("split") || query.has("index");
    const index = isOfSample ? Number(query.get("index")) : this.index;
    if (split in this.props.sizes) this.split = split;
    if (network !== this.network) this.useNetwork(network, index);
    else if (isOfSample) this.want(index);
    this.search();
  }

  makeListing() {
    const data = { split: this.split, size: this.props.sizes[this.split], version: this.props.version };
    return new Listing(data, this.filters.value, this.network ?? "", () => this.update());
  }

  searchSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE);
  }

  /** @param {Record<string, string>} fields - of the filters */
  filter(fields) {
    this.filters.add(fields);
    this.search();
  }

  search() {
    this.listing.end();
    this.listing = this.makeListing();
    this.grid.show(this.listing);
    this.listing.want(0);
    this.filters.showCounts(this.listing);
    this.mark();
    this.keepInAddress();
    this.tell();
  }

  tell() {
    document.dispatchEvent(new CustomEvent("samples-filtered", { detail: { split: this.split, filter: this.listing.filter } }));
  }

  update() {
    this.grid.refresh();
    this.filters.showCounts(this.listing);
  }

  /**
   * Let the menu name another network, and it read the sample: both at once, as two questions could overtake each other.
   * @param {string} network
   * @param {number} index
   */
  useNetwork(network, index) {
    this.network = network;
    document.dispatchEvent(new CustomEvent("browse-network", { detail: network }));
    this.props.value = { network, split: this.split, index };
    this.trigger("select");
  }

  /** @param {string} network - that is chosen in the menu */
  choose(network) {
    if (network === this.network) return; // the gallery itself has told of it
    this.network = network;
    this.search();
  }

  /** @param {number} index */
  want(index) {
    document.dispatchEvent(new CustomEvent("sample-wanted", { detail: { split: this.split, index } }));
  }

  /** @param {{ split: string, index: number }} sample - that is shown */
  follow({ split, index }) {
    this.index = index;
    if (split !== this.split) {
      this.split = split;
      this.search();
    } else {
      this.mark();
      this.keepInAddress();
    }
  }

  async mark() {
    const { listing, index } = this;
    const position = await listing.find(index);
    if (listing === this.listing && index === this.index) this.grid.select(position ?? -1);
  }

  /** Step once the steps before are done: each begins where the last one led, however quick the clicks. @param {number} step */
  stepLater(step) {
    this.steps = this.steps.then(() => this.step(step));
  }

  /** Go to the sample before or after the one that is shown, among those that are found. @param {number} step */
  async step(step) {
    const { listing } = this;
    const position = (await listing.find(this.index)) ?? (step > 0 ? -1 : 1);
    const next = Math.min(listing.total - 1, Math.max(0, position + step));
    const index = listing.isWhole ? next : (listing.at(next)?.index ?? (await listing.ask({ start: next, count: 1 }))?.indices[0]);
    if (index === undefined) return;
    this.index = index;
    this.want(index);
  }

  keepInAddress() {
    if (new URLSearchParams(location.search).get("tab") !== "browse") return;
    const address = new URL(location.href);
    const keep = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ first) =>
      value === first ? address.searchParams.delete(name) : address.searchParams.set(name, value);
    keep("split", this.split, FIRST);
    keep("index", String(this.index), "0");
    keep("network", this.network, this.props.network);
    this.filters.write(address.searchParams);
    history.replaceState(history.state, "", address);
  }
}
