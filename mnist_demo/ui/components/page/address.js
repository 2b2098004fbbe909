/**
 * The selected tab stands in the page's address, `?tab=NAME`: a link opens it, and Back goes to the one before. What else
 * stands there, a tab reads for itself; it hears by the document's event "address-changed" that it has to do so again.
 */

/** @typedef {import("./tabs.js").Tabs} Tabs */

const FIRST = "draw";
const SCREEN = "train"; // what the projector shows, ?view=screen

/** @param {Tabs} tabs */
export function keepInAddress(tabs) {
  const enter = (/** @type {string} */ name) => {
    if (name !== (namedTab(tabs) ?? FIRST)) history.pushState(history.state, "", addressOf(name));
  };
  tabs.onSelect((name) => {
    enter(name);
    showTop(tabs.element);
  });
  const follow = () => {
    tabs.select(namedTab(tabs) ?? FIRST);
    document.dispatchEvent(new Event("address-changed"));
  };
  addEventListener("popstate", follow);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href^='?tab=']") : null;
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // the page need not be loaded again
    history.pushState(null, "", link.href);
    follow();
  });
  const name = namedTab(tabs);
  if (name) tabs.select(name);
  else enter(tabs.selectedName); // a quick hand has already chosen one
}

/**
 * Return the tab that the address asks for; null if it asks for none that there is.
 * @param {Tabs} tabs
 */
function namedTab(tabs) {
  const query = new URLSearchParams(location.search);
  const name = query.get("tab") ?? (query.get("view") === "screen" ? SCREEN : null);
  return name !== null && tabs.has(name) ? name : null;
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
