const OPEN_MENU = '[role="combobox"][aria-expanded="true"]';

/** Close a menu when the focus leaves its field: Gradio 6.31 leaves it open behind the Tab key. */
export function closeMenusBehindFocus() {
  document.addEventListener("focusout", ({ target: field }) => {
    if (!(field instanceof Element)) return;
    // Afterwards, because Gradio shows the menu once more while the focus goes.
    setTimeout(() => {
      const isLeft = field.matches(OPEN_MENU) && field !== document.activeElement;
      if (isLeft) field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    });
  });
}
