import { find } from "../mounting.js";
import { keepInAddress } from "./address.js";
import { closeMenusBehindFocus } from "./menus.js";
import { addKeys } from "./tab_keys.js";
import { Tabs } from "./tabs.js";

/** What the page adds to Gradio's tabs, menus and footer, once they are there. */
export function mount() {
  const tabs = new Tabs(find(document, "#tabs"));
  keepInAddress(tabs);
  addKeys(tabs);
  closeMenusBehindFocus();
  // Their neighbours are the same words, and a screen reader would say them twice.
  for (const image of document.querySelectorAll("footer img")) image.setAttribute("alt", "");
}
