import { find } from "../mounting.js";
import { keepInAddress } from "./address.js";
import { closeMenusBehindFocus } from "./menus.js";
import { addKeys } from "./tab_keys.js";
import { Tabs } from "./tabs.js";

/** What the page adds to Gradio's tabs, menus and footer, once Gradio has built them. */
export function mount() {
  const tabs = new Tabs(find(document, "#tabs"));
  keepInAddress(tabs);
  addKeys(tabs);
  closeMenusBehindFocus();
  // Beside each stands the same word, and a screen reader would say it twice.
  for (const image of document.querySelectorAll("footer img")) image.setAttribute("alt", "");
}
