import { make } from "../elements.js";

/** @typedef {import("./listing.js").Listing} Listing */

const SHEET = 256; // pictures that are fetched at a time
const COLUMNS = 16; // pictures in a row of a sheet
const GAP = 4; // px between two pictures
const AHEAD = 4; // rows beyond those in view, above and below
const KEYS = new Map([
  ["ArrowLeft", () => -1],
  ["ArrowRight", () => 1],
  ["ArrowUp", (/** @type {Grid} */ grid) => -grid.columns],
  ["ArrowDown", (/** @type {Grid} */ grid) => grid.columns],
  ["PageUp", (/** @type {Grid} */ grid) => -grid.columns * grid.rowsInView],
  ["PageDown", (/** @type {Grid} */ grid) => grid.columns * grid.rowsInView],
  ["Home", () => -Infinity],
  ["End", () => Infinity],
]);

/**
 * Samples as small pictures, tens of thousands of them: only the rows in view are in the page. A list box for the
 * keyboard and for screen readers.
 */
export class Grid {
  /**
   * @param {HTMLElement} element - that scrolls
   * @param {string[]} classes
   * @param {(index: number) => void} choose
   */
  constructor(element, classes, choose) {
    this.element = element;
    this.classes = classes;
    this.choose = choose;
    this.space = make("div", { className: "space" });
    element.replaceChildren(this.space);
    /** @type {Map<number, HTMLElement>} */
    this.cells = new Map(); // by position
    /** @type {Listing | null} */
    this.listing = null;
    this.selected = -1; // position
    this.wantedSide = 48; // px of a picture, at least
    this.side = this.wantedSide; // so that the columns fill the width
    this.columns = 1;
    element.addEventListener("scroll", () => this.render());
    element.addEventListener("click", (event) => this.click(event));
    element.addEventListener("keydown", (event) => this.press(event));
    new ResizeObserver(() => this.layOut()).observe(element);
  }

  get pitch() {
    return this.side + GAP;
  }

  get rowsInView() {
    return Math.max(1, Math.floor(this.element.clientHeight / this.pitch));
  }

  /** Show another listing from its beginning. @param {Listing} listing */
  show(listing) {
    this.listing = listing;
    this.selected = -1;
    this.element.scrollTop = 0;
    this.refresh();
  }

  /** Show what is known by now. */
  refresh() {
    this.clear();
    this.layOut();
  }

  /** @param {number} side - px of a picture */
  resize(side) {
    this.wantedSide = side;
    this.refresh();
    this.reveal();
  }

  layOut() {
    const width = this.element.clientWidth - GAP;
    const columns = Math.max(1, Math.floor(width / (this.wantedSide + GAP)));
    const side = width / columns - GAP;
    if (side !== this.side) this.clear();
    this.columns = columns;
    this.side = side;
    const rows = Math.ceil((this.listing?.total ?? 0) / columns);
    this.space.style.height = `${rows * this.pitch}px`;
    this.render();
  }

  clear() {
    this.cells.clear();
    this.space.replaceChildren();
  }

  render() {
    const { listing } = this;
    if (!listing || !this.element.clientHeight) return;
    const top = Math.floor(this.element.scrollTop / this.pitch);
    const first = Math.max(0, (top - AHEAD) * this.columns);
    const last = Math.min(listing.total, (top + this.rowsInView + 1 + AHEAD) * this.columns);
    for (const [position, cell] of this.cells) {
      if (position >= first && position < last) continue;
      cell.remove();
      this.cells.delete(position);
    }
    listing.want(first);
    if (last > first) listing.want(last - 1);
    const made = [];
    for (let position = first; position < last; position++) {
      if (!this.cells.has(position)) made.push(this.makeCell(position, listing));
    }
    this.space.append(...made);
  }

  /** @param {number} position @param {Listing} listing */
  makeCell(position, listing) {
    const cell = make("div", { id: `browse-sample-${position}`, role: "option" });
    const [row, column] = [Math.floor(position / this.columns), position % this.columns];
    cell.style.transform = `translate(${column * this.pitch}px, ${row * this.pitch}px)`;
    this.paint(cell, position, listing);
    const entry = listing.at(position);
    cell.ariaSelected = String(position === this.selected);
    cell.ariaLabel = entry ? this.describe(entry) : `Position ${position + 1}`;
    cell.title = entry ? `Index ${entry.index}` : "";
    cell.classList.toggle("wrong", entry !== undefined && entry.guess !== null && entry.guess !== entry.label);
    this.cells.set(position, cell);
    return cell;
  }

  /** @param {import("./listing.js").Entry} entry */
  describe({ index, label, guess }) {
    const said = guess === null ? "" : `, read as ${this.classes[guess]}`;
    return `Index ${index}, labelled ${this.classes[label]}${said}`;
  }

  /** @param {HTMLElement} cell @param {number} position @param {Listing} listing */
  paint(cell, position, listing) {
    const address = listing.sheetAddress(Math.floor(position / SHEET), SHEET);
    const place = position % SHEET;
    const [row, column] = [Math.floor(place / COLUMNS), place % COLUMNS];
    cell.style.width = cell.style.height = `${this.side}px`;
    if (address) cell.style.backgroundImage = `url("${address}")`;
    cell.style.backgroundSize = `${COLUMNS * this.side}px auto`;
    cell.style.backgroundPosition = `${-column * this.side}px ${-row * this.side}px`;
  }

  /** Mark a position, and show it. @param {number} position */
  select(position) {
    this.cells.get(this.selected)?.setAttribute("aria-selected", "false");
    this.selected = position;
    this.reveal();
    this.cells.get(position)?.setAttribute("aria-selected", "true");
    if (position >= 0) this.element.setAttribute("aria-activedescendant", `browse-sample-${position}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** Scroll to the selected position, unless it is in view. */
  reveal() {
    if (this.selected < 0) return;
    const top = Math.floor(this.selected / this.columns) * this.pitch;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop || top + this.pitch > scrollTop + clientHeight) {
      this.element.scrollTop = top - (clientHeight - this.pitch) / 2;
    }
    this.render();
  }

  /** @param {MouseEvent} event */
  click({ target }) {
    for (const [position, cell] of this.cells) if (cell === target) this.go(position);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = KEYS.get(event.key)?.(this);
    if (step === undefined || !this.listing?.total) return;
    event.preventDefault();
    event.stopPropagation(); // the arrow keys of the sample beside
    this.go(Math.min(this.listing.total - 1, Math.max(0, this.selected + step)));
  }

  /** Go to a position. @param {number} position */
  go(position) {
    const index = this.listing?.indexAt(position);
    this.select(position);
    if (index !== undefined) this.choose(index);
    else this.listing?.want(position); // far from what is listed: it is shown as soon as it is known
  }
}
