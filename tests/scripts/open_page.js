import { JSDOM } from "jsdom";

/** Put the globals of a browser's page in place, as far as the scripts use them. */
export function openPage(markup = "") {
  const { window } = new JSDOM(markup, { url: "http://localhost/", pretendToBeVisual: true });
  for (const name of ["document", "Element", "HTMLElement", "HTMLAnchorElement", "HTMLImageElement", "KeyboardEvent", "MutationObserver", "CustomEvent", "Event"]) {
    globalThis[name] = window[name];
  }
  globalThis.location = window.location;
  globalThis.history = window.history;
  globalThis.addEventListener = window.addEventListener.bind(window);
  return window;
}
