/**
 * What is asked for, as `insight.verdicts.Filter` has it; what is left out does not matter.
 * @typedef {object} Filter
 * @property {number} [label]
 * @property {number} [guess]
 * @property {boolean} [mistakes]
 * @property {boolean} [rejects]
 * @property {boolean} [doubtful]
 * @property {[low: number, high: number]} [confidence]
 * @property {[first: number, last: number]} [index]
 * @property {[low: number, high: number]} [ink]
 * @property {[low: number, high: number]} [slant]
 * @property {import("../sample_map/outline.js").Area} [area] - of the map
 * @property {string} [order]
 * @property {boolean} [descending]
 * @property {string} [other] - the network to disagree with
 *
 * @typedef {{ labels: number[], guesses: number[] | null, mistakes: number | null, rejects: number | null,
 *   doubtful: number | null }} Counts
 * @typedef {{ index: number, label: number, guess: number | null }} Entry
 * @typedef {{ progress: number | null, error?: string, total: number, start: number, position: number | null,
 *   indices: number[], labels: number[], guesses: number[] | null, counts: Counts,
 *   comparison?: Comparison | null }} Answer
 * @typedef {{ both: number, first: number, second: number, neither: number, p: number }} Comparison - right answers
 */

const PAGE = 1024; // entries that are asked for at a time: whole sheets of the grid
const PATIENCE = 700; // ms until a network that is still reading the split is asked again

/** The samples of a split that a filter lets through, in its order; the server lists them page by page. */
export class Listing {
  /**
   * @param {{ split: string, size: number, version: string }} data
   * @param {Filter} filter
   * @param {string} network
   * @param {() => void} changed - called when more is known
   */
  constructor(data, filter, network, changed) {
    this.data = data;
    this.filter = filter;
    this.network = network;
    this.changed = changed;
    this.isWhole = Object.keys(filter).length === 0; // every sample, at its index
    this.total = this.isWhole ? data.size : 0;
    /** @type {Counts | null} */
    this.counts = null;
    /** @type {Comparison | null} */
    this.comparison = null; // of the two networks that are asked
    /** @type {number | null} */
    this.progress = null; // of a network that reads the split
    this.error = "";
    /** @type {Map<number, Answer | null>} */
    this.pages = new Map(); // null: asked for
    this.isOver = false;
  }

  /** Ask for nothing any more. */
  end() {
    this.isOver = true;
  }

  /**
   * Return what stands at a position; undefined while it is not known.
   * @param {number} position
   * @returns {Entry | undefined}
   */
  at(position) {
    const page = this.pages.get(Math.floor(position / PAGE));
    const place = position % PAGE;
    if (!page || page.indices[place] === undefined) return undefined;
    return { index: page.indices[place], label: page.labels[place], guess: page.guesses?.[place] ?? null };
  }

  /** Return the index at a position; of all samples it is the position itself. @param {number} position */
  indexAt(position) {
    return this.isWhole ? position : this.at(position)?.index;
  }

  /** Ask for the page of a position, once. @param {number} position */
  want(position) {
    const number = Math.floor(position / PAGE);
    if (this.pages.has(number)) return;
    this.pages.set(number, null);
    this.load(number);
  }

  /** @param {number} number */
  async load(number) {
    const answer = await this.ask({ start: number * PAGE, count: PAGE });
    if (this.isOver) return;
    if (!answer) return this.forget(number, 5 * PATIENCE);
    if (answer.indices) this.take(number, answer);
    this.error = answer.error ?? "";
    this.progress = answer.progress ?? null;
    if (this.progress !== null) this.forget(number, PATIENCE);
    this.changed();
  }

  /** @param {number} number @param {Answer} answer */
  take(number, answer) {
    this.pages.set(number, answer);
    this.total = answer.total;
    this.counts = answer.counts;
    this.comparison = answer.comparison ?? null;
  }

  /** Ask for a page once more, later; what is shown of it stays until then. @param {number} number @param {number} pause */
  forget(number, pause) {
    setTimeout(() => this.isOver || this.load(number), pause);
  }

  /** Return the position of a sample, null if the filter does not let it through. @param {number} index */
  async find(index) {
    if (this.isWhole) return index;
    const answer = await this.ask({ near: index, count: 1 });
    return answer?.position ?? null;
  }

  /**
   * @param {{ start?: number, count: number, near?: number }} part
   * @returns {Promise<Answer | null>} null if the server does not answer
   */
  async ask(part) {
    const body = JSON.stringify({ ...this.filter, ...part, network: this.network });
    const headers = { "Content-Type": "application/json" };
    try {
      const response = await fetch(`samples/${this.data.split}/search`, { method: "POST", headers, body });
      return response.status === 503 ? null : await response.json();
    } catch {
      return null;
    }
  }

  /**
   * Return the address of a sheet of pictures, undefined while it is not known what stands there.
   * @param {number} sheet
   * @param {number} size - pictures in a sheet
   */
  sheetAddress(sheet, size) {
    const { split, version } = this.data;
    const first = sheet * size;
    const count = Math.min(size, this.total - first);
    if (this.isWhole) return `samples/${split}/sprite?v=${version}&from=${first}&count=${count}`;
    const indices = Array.from({ length: count }, (_, place) => this.indexAt(first + place));
    return indices.includes(undefined) ? undefined : `samples/${split}/sprite?v=${version}&at=${indices.join()}`;
  }
}
