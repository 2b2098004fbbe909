/** The selected tab stands in the page's address, `?tab=NAME`: a link opens it, and Back goes to the one before. */

/** @typedef {import("./tabs.js").Tabs} Tabs */

const FIRST = "draw";
const SCREEN = "train"; // what the projector shows, ?view=screen

/** @param {Tabs} tabs */
export function keepInAddress(tabs) {
  tabs.onSelect((name) => {
    if (name !== namedTab(tabs)) history.pushState(history.state, "", addressOf(name));
    showTop(tabs.element);
  });
  addEventListener("popstate", () => tabs.select(namedTab(tabs)));
  tabs.select(namedTab(tabs));
}

/**
 * Return the tab that the address asks for.
 * @param {Tabs} tabs
 */
function namedTab(tabs) {
  const query = new URLSearchParams(location.search);
  const name = query.get("tab") ?? (query.get("view") === "screen" ? SCREEN : FIRST);
  return tabs.has(name) ? name : FIRST;
}

/**
 * Return the page's address with another tab, and all else that stands in it.
 * @param {string} name
 */
function addressOf(name) {
  const address = new URL(location.href);
  address.searchParams.set("tab", name);
  return address;
}

/**
 * Show a new tab from its top: it may have been chosen far down in another one.
 * @param {HTMLElement} element
 */
function showTop(element) {
  if (element.getBoundingClientRect().top < 0) element.scrollIntoView();
}
