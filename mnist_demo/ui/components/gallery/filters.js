import { make, wholeNumber } from "../elements.js";
import { find } from "../mounting.js";
import { readArea } from "../sample_map/outline.js";

/** @typedef {import("./listing.js").Filter} Filter */

/** Ranges that may be asked for, and between what, if one end is left open. @type {[name: string, low: number, high: number][]} */
const RANGES = [
  ["index", 0, 2 ** 31],
  ["ink", 0, 1],
  ["slant", -90, 90],
];

/** The form above the gallery: what it asks for, with counts beside every choice. */
export class Filters {
  /**
   * @param {HTMLFormElement} form
   * @param {string[]} classes
   * @param {[label: string, name: string][]} networks
   * @param {() => void} changed
   */
  constructor(form, classes, networks, changed) {
    this.form = form;
    this.classes = classes;
    /** @type {HTMLSelectElement} */
    this.label = find(form, "[name=label]");
    /** @type {HTMLSelectElement} */
    this.guess = find(form, "[name=guess]");
    for (const select of [this.label, this.guess]) {
      select.append(...classes.map((name, digit) => make("option", { value: String(digit) }, name)));
    }
    this.networks = networks;
    find(form, "[name=other]").append(...networks.map(([label, name]) => make("option", { value: name }, label)));
    form.addEventListener("input", () => changed());
    const area = find(form, "button.area");
    area.addEventListener("click", () => {
      this.add({ area: "" });
      changed();
    });
    form.addEventListener("reset", () => area.click()); // a reset leaves hidden fields as they are
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** What is asked for. @returns {Filter} */
  get value() {
    const values = new FormData(this.form);
    /** @type {Record<string, unknown>} */
    const filter = {};
    for (const name of ["label", "guess"]) if (values.get(name)) filter[name] = Number(values.get(name));
    for (const name of ["mistakes", "rejects", "doubtful", "descending"]) if (values.get(name)) filter[name] = true;
    const order = String(values.get("order"));
    if (order !== "index") filter.order = order;
    if (order === "disagreement") filter.other = String(values.get("other"));
    const confidence = readRange(values, "confidence", 0, 100);
    if (confidence) filter.confidence = confidence.map((percent) => percent / 100);
    for (const [name, low, high] of RANGES) {
      const range = readRange(values, name, low, high);
      if (range) filter[name] = range;
    }
    const area = readArea(String(values.get("area")));
    if (area) filter.area = area;
    find(this.form, "button.area").hidden = !area;
    find(this.form, ".other").hidden = order !== "disagreement";
    return filter;
  }

  /** Return what a network is called, without its accuracy. @param {string | undefined} network */
  nameOf(network) {
    const [label] = this.networks.find(([, name]) => name === network) ?? ["the other"];
    return label.split(" · ")[0];
  }

  /** Fill the form with what stands in an address. @param {URLSearchParams} query */
  read(query) {
    for (const field of this.form.elements) {
      if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.name) continue;
      const value = query.get(field.name);
      if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = value === "1";
      else field.value = value ?? (field instanceof HTMLSelectElement ? (field.options[0]?.value ?? "") : "");
    }
  }

  /** Add to what is asked for; a range that was closed is shown. @param {Record<string, string>} fields - by name */
  add(fields) {
    for (const [name, value] of Object.entries(fields)) {
      /** @type {HTMLInputElement | HTMLSelectElement} */ (find(this.form, `[name=${name}]`)).value = value;
    }
    /** @type {HTMLDetailsElement} */
    const more = find(this.form, ".more");
    if (more.querySelector(Object.keys(fields).map((name) => `[name=${name}]`).join())) more.open = true;
  }

  /** Write the form into an address. @param {URLSearchParams} query */
  write(query) {
    const values = new FormData(this.form);
    for (const field of this.form.elements) {
      if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.name) continue;
      const value = String(values.get(field.name) ?? "");
      const isDefault = !value || (field.name === "order" && value === "index") || (field.name === "other" && !this.value.other);
      if (isDefault) query.delete(field.name);
      else query.set(field.name, value);
    }
  }

  /**
   * Show how many there are, and would be with each choice.
   * @param {import("./listing.js").Listing} listing
   */
  showCounts({ total, counts, progress, error, data, comparison, network, filter }) {
    const state = find(this.form, ".state");
    if (error) state.textContent = error;
    else if (progress !== null) state.textContent = `The network is reading the split: ${Math.round(100 * progress)}%`;
    else state.textContent = `${wholeNumber(total)} of ${wholeNumber(data.size)}`;
    const sentence = find(this.form, ".comparison");
    sentence.hidden = !comparison;
    if (comparison) sentence.textContent = describeComparison(comparison, this.nameOf(network), this.nameOf(filter.other));
    showOptionCounts(this.label, this.classes, counts?.labels);
    showOptionCounts(this.guess, this.classes, counts?.guesses);
    if (counts) for (const part of this.form.querySelectorAll(".of-doubt")) /** @type {HTMLElement} */ (part).hidden = counts.doubtful === null;
    for (const name of /** @type {const} */ (["mistakes", "rejects", "doubtful"])) {
      const count = counts?.[name] ?? null;
      find(this.form, `.${name}-count`).textContent = count === null ? "" : wholeNumber(count);
    }
  }
}

const CHANCE = 0.05; // p below which a difference is hardly chance, as statisticians have it

/**
 * Say how two networks compare.
 * @param {import("./listing.js").Comparison} comparison
 * @param {string} name - of the first
 * @param {string} other - of the second
 */
function describeComparison({ both, first, second, neither, p }, name, other) {
  const alone = `only ${name} on ${wholeNumber(first)}, only ${other} on ${wholeNumber(second)}`;
  const counts = `Both are right on ${wholeNumber(both)}, ${alone}, neither on ${wholeNumber(neither)}.`;
  const chance = p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
  return `${counts} McNemar's test: ${chance}, ${p < CHANCE ? "more than chance" : "this may be chance"}.`;
}

/**
 * @param {HTMLSelectElement} select
 * @param {string[]} classes
 * @param {number[] | null | undefined} counts
 */
function showOptionCounts(select, classes, counts) {
  [...select.options].slice(1).forEach((option, digit) => {
    option.textContent = counts ? `${classes[digit]} (${wholeNumber(counts[digit])})` : classes[digit];
  });
}

/**
 * Return a range of two fields, of which either may be empty.
 * @param {FormData} values
 * @param {string} name
 * @param {number} low
 * @param {number} high
 * @returns {[number, number] | null}
 */
function readRange(values, name, low, high) {
  const [from, to] = ["from", "to"].map((end) => values.get(`${name}-${end}`));
  if (!from && !to) return null;
  return [from ? Number(from) : low, to ? Number(to) : high];
}
