import assert from "node:assert/strict";
import { test } from "node:test";
import { keepInAddress } from "../../mnist_demo/ui/components/page/address.js";
import { addKeys } from "../../mnist_demo/ui/components/page/tab_keys.js";
import { Tabs } from "../../mnist_demo/ui/components/page/tabs.js";
import { openPage } from "./open_page.js";

const MARKUP = `<div id="tabs"><div role="tablist">${["draw", "browse", "train"]
  .map((name) => `<button role="tab" data-tab-id="${name}" aria-selected="${name === "draw"}"></button>`)
  .join("")}</div></div>`;

/** A page whose tabs are selected by a click, as Gradio's are. */
function openTabs(query = "") {
  const window = openPage(MARKUP);
  window.history.replaceState(null, "", `/${query}`);
  const buttons = [...document.querySelectorAll("[role=tab]")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-selected", String(other === button));
    });
  }
  const tabs = new Tabs(document.querySelector("#tabs"));
  return { window, tabs, selected: () => tabs.selected.dataset.tabId };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

for (const [query, name] of [["", "draw"], ["?tab=browse", "browse"], ["?tab=nonsense", "draw"], ["?view=screen", "train"], ["?view=screen&tab=browse", "browse"]]) {
  test(`the address /${query} opens ${name}`, () => {
    const { tabs, selected } = openTabs(query);
    keepInAddress(tabs);
    assert.equal(selected(), name);
  });
}

test("a tab that is selected comes into the address, beside what stands there", async () => {
  const { tabs, window } = openTabs("?__theme=dark");
  keepInAddress(tabs);
  tabs.select("train");
  await settle();
  assert.equal(window.location.search, "?__theme=dark&tab=train");
});

test("a tab that was selected before the script was there comes into the address too", () => {
  const { tabs, window } = openTabs();
  tabs.select("browse");
  keepInAddress(tabs);
  assert.equal(window.location.search, "?tab=browse");
});

test("Back selects the tab before, and enters nothing", async () => {
  const { tabs, window, selected } = openTabs();
  keepInAddress(tabs);
  for (const name of ["browse", "train"]) {
    tabs.select(name);
    await settle();
  }
  const entries = window.history.length;
  for (const name of ["browse", "draw"]) {
    await new Promise((resolve) => {
      window.addEventListener("popstate", resolve, { once: true });
      window.history.back();
    });
    await settle();
    assert.equal(selected(), name);
  }
  assert.equal(window.history.length, entries);
});

test("arrows, Home and End move between the tabs, and Tab enters at the selected one", async () => {
  const { tabs, selected } = openTabs();
  addKeys(tabs);
  const press = async (key) => {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await settle();
    return selected();
  };
  tabs.buttons[0].focus();
  assert.equal(await press("ArrowRight"), "browse");
  assert.equal(await press("End"), "train");
  assert.equal(await press("ArrowRight"), "draw");
  assert.equal(await press("ArrowLeft"), "train");
  assert.deepEqual(tabs.buttons.map((button) => button.tabIndex), [-1, -1, 0]);
  assert.equal(document.activeElement, tabs.selected);
  assert.equal(await press("Home"), "draw");
});
