/** Small helpers to build a page from data: texts go in as text, never as markup, because visitors type some of them. */

/**
 * Return an element with properties and children: `make("td", { className: "wide" }, "text", other)`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * Return a button that does something.
 * @param {string} text
 * @param {() => void} action
 * @param {Partial<HTMLButtonElement>} [properties]
 */
export function makeButton(text, action, properties = {}) {
  const button = make("button", { type: "button", ...properties }, text);
  button.addEventListener("click", action);
  return button;
}

/**
 * Write a text if it is another: the browser lays a whole table out anew also for the same one.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {number | null | undefined} share */
export const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(2)}%`);

/** @param {number} value */
export const wholeNumber = (value) => Math.round(value).toLocaleString("en");

/** @param {number | undefined} value */
export const seconds = (value) => (value === undefined ? "–" : `${value.toFixed(1)} s`);
