/** A page without a browser, for scripts that build elements: import this before them. */
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>");
Object.assign(globalThis, {
  window,
  document: window.document,
  AbortController: window.AbortController,
  CustomEvent: window.CustomEvent,
});
globalThis.navigator ??= window.navigator; // newer versions of Node have one
// jsdom does not reflect these as properties.
for (const name of ["ariaLabel", "ariaPressed", "ariaSort"]) {
  const attribute = `aria-${name.slice(4).toLowerCase()}`;
  if (name in window.Element.prototype) continue;
  Object.defineProperty(window.Element.prototype, name, {
    get() {
      return this.getAttribute(attribute);
    },
    set(value) {
      this.setAttribute(attribute, value);
    },
  });
}

window.Element.prototype.setPointerCapture = () => {}; // which jsdom does not have

/** Return the element of a component's template that a selector names. */
export function makeFrom(html) {
  document.body.innerHTML = html;
  return document.body.firstElementChild;
}
