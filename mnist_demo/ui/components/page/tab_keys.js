/**
 * Keys of a list of tabs, as the ARIA Authoring Practices have them: Tab enters it at the selected tab, arrows, Home and
 * End move on and select.
 * @param {import("./tabs.js").Tabs} tabs
 */
export function addKeys(tabs) {
  const enterAtSelected = () => {
    for (const button of tabs.buttons) button.tabIndex = button === tabs.selected ? 0 : -1;
  };
  tabs.onSelect(enterAtSelected);
  enterAtSelected();
  tabs.list.addEventListener("keydown", (event) => {
    const target = findTarget(tabs.buttons, event);
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.click();
  });
}

/**
 * @param {HTMLElement[]} buttons
 * @param {KeyboardEvent} event
 */
function findTarget(buttons, { key, target }) {
  const at = buttons.findIndex((button) => button === target);
  if (at < 0) return undefined;
  if (key === "ArrowLeft") return buttons.at(at - 1);
  if (key === "ArrowRight") return buttons[(at + 1) % buttons.length];
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons.at(-1);
  return undefined;
}
