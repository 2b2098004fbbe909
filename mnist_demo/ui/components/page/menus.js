const OPEN_MENU = '[role="combobox"][aria-expanded="true"]';

/**
 * Close a menu when the focus has left its field: Gradio 6.31 leaves it open behind the Tab key, and shows it once more
 * while the focus goes, on a busy machine some time after.
 */
export function closeMenusBehindFocus() {
  document.addEventListener("keydown", ({ key, target }) => key === "Tab" && skipList(target), { capture: true });
  document.addEventListener("focusout", ({ target }) => setTimeout(() => closeIfLeft(target)));
  const whenShown = new MutationObserver((changes) => changes.forEach(({ target }) => closeIfLeft(target)));
  whenShown.observe(document.body, { subtree: true, attributeFilter: ["aria-expanded"] });
  document.querySelectorAll(OPEN_MENU).forEach(closeIfLeft); // who is quick has been there before this script
}

/** @param {EventTarget | null} field */
function closeIfLeft(field) {
  const isLeft = field instanceof Element && field.matches(OPEN_MENU) && field !== document.activeElement;
  if (isLeft) field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
}

/**
 * Keep the focus from going to the list of a menu: browsers stop the Tab key at whatever scrolls, as a long list does.
 * @param {EventTarget | null} field
 */
function skipList(field) {
  if (!(field instanceof Element) || !field.matches(OPEN_MENU)) return;
  document.getElementById(field.getAttribute("aria-controls") ?? "")?.setAttribute("tabindex", "-1");
}
