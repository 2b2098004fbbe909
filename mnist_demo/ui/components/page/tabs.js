import { find } from "../mounting.js";

/** Gradio's tabs: which one is selected, and who wants to know. Each has a name, the id of its `gr.Tab`. */
export class Tabs {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.list = find(element, "[role=tablist]");
  }

  /** @returns {HTMLElement[]} */
  get buttons() {
    return [...this.list.querySelectorAll("[role=tab]")].filter((button) => button instanceof HTMLElement);
  }

  get selected() {
    return this.buttons.find((button) => button.getAttribute("aria-selected") === "true");
  }

  get selectedName() {
    return this.selected?.dataset.tabId ?? "";
  }

  /** @param {string} name */
  has(name) {
    return this.buttons.some((button) => button.dataset.tabId === name);
  }

  /** Select a tab by its name; one that does not exist is ignored. @param {string} name */
  select(name) {
    this.buttons.find((button) => button.dataset.tabId === name)?.click();
  }

  /** Tell a listener whenever another tab has been selected, by whomever. @param {(name: string) => void} listener */
  onSelect(listener) {
    let last = this.selected;
    const look = () => {
      if (!this.selected || this.selected === last) return;
      last = this.selected;
      listener(this.selectedName);
    };
    new MutationObserver(look).observe(this.list, { subtree: true, attributeFilter: ["aria-selected"] });
  }
}
