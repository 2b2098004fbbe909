const OPEN_MENU = '[role="combobox"][aria-expanded="true"]';

/** Close a menu when Tab leaves its field: Gradio 6.31 closes it on Escape and on a click elsewhere only. */
export function closeMenusBehindFocus() {
  document.addEventListener(
    "keydown",
    ({ key, target }) => {
      if (key !== "Tab" || !(target instanceof Element && target.matches(OPEN_MENU))) return;
      target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    },
    { capture: true },
  );
}
