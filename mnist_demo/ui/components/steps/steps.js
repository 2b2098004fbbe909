import { make } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";

const PAUSE = 150; // ms without a new drawing before its steps are asked for

/**
 * The steps of the preparation.
 * @param {import("../mounting.js").Component} component
 */
export function mount({ element, props, trigger, watch }) {
  /** @type {HTMLDetailsElement} */
  const details = find(element, "details");
  const nothing = find(element, ".nothing");
  const invitation = nothing.textContent;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function ask() {
    clearTimeout(timer);
    if (details.open) timer = setTimeout(() => trigger("input"), PAUSE);
  }

  function render() {
    const { steps = [], error = invitation } = props.value ?? {};
    nothing.textContent = error;
    nothing.hidden = steps.length > 0;
    find(element, ".steps").replaceChildren(...steps.map(makeStep));
  }

  listenWhileMounted(element, "drawing-sent", ask);
  details.addEventListener("toggle", ask);
  watch("value", render);
  render();
}

/** @param {{ title: string, picture: string }} step */
function makeStep({ title, picture }) {
  return make("li", {}, make("img", { src: picture, alt: "" }), make("span", {}, title));
}
