/**
 * What Gradio hands to the script of a component: its element in the page, whose markup is the template; its properties,
 * of which `value` reaches Python; a function that fires an event; and one that hears of a property set from Python.
 * @typedef {object} Component
 * @property {HTMLElement} element
 * @property {{ value: any, [name: string]: any }} props
 * @property {(event: string) => void} trigger
 * @property {(property: string, listener: () => void) => void} watch
 */

/**
 * Return the element of a template that a selector names.
 * @template {Element} [Found=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {Found}
 */
export function find(parent, selector) {
  const found = parent.querySelector(selector);
  if (!found) throw new Error(`The template has no ${selector}`);
  return /** @type {Found} */ (found);
}

/**
 * Call a listener for an event of the document for as long as a component's element is in the page.
 * @param {HTMLElement} element
 * @param {string} type
 * @param {(event: any) => void} listener
 */
export function listenWhileMounted(element, type, listener) {
  const listening = new AbortController();
  document.addEventListener(type, (event) => (element.isConnected ? listener(event) : listening.abort()), {
    signal: listening.signal,
  });
}
