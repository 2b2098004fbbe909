import assert from "node:assert/strict";
import { test } from "node:test";

import { closeMenusBehindFocus } from "../../mnist_demo/ui/components/page/menus.js";
import { openPage } from "./open_page.js";

/** Return the field of a menu that is open, as Gradio shows it, on a page of its own, and the keys that it hears. */
function openMenu() {
  openPage(`<input role="combobox" aria-expanded="true" />`);
  const field = document.querySelector("input");
  const keys = [];
  field.addEventListener("keydown", ({ key }) => {
    keys.push(key);
    if (key === "Escape") field.setAttribute("aria-expanded", "false");
  });
  return { field, keys };
}

const later = () => new Promise((resolve) => setTimeout(resolve));

test("a menu that was left before the page's script was there is closed", () => {
  const { keys } = openMenu();
  closeMenusBehindFocus();
  assert.deepEqual(keys, ["Escape"]);
});

test("a menu that is shown once more after the focus has gone is closed", async () => {
  const { field, keys } = openMenu();
  field.setAttribute("aria-expanded", "false");
  closeMenusBehindFocus();
  field.setAttribute("aria-expanded", "true");
  await later();
  assert.deepEqual(keys, ["Escape"]);
});

test("a menu stays open while its field has the focus", async () => {
  const { field, keys } = openMenu();
  field.focus();
  closeMenusBehindFocus();
  field.setAttribute("aria-expanded", "true");
  await later();
  assert.deepEqual(keys, []);
});
