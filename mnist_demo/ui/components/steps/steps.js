import { listenWhileMounted } from "../mounting.js";

const PAUSE = 150; // ms without a new drawing before its steps are asked for

/** The steps of the preparation. */
export function mount({ element, props, trigger, watch }) {
  const details = element.querySelector("details");
  const nothing = element.querySelector(".nothing");
  const list = element.querySelector(".steps");
  const INVITATION = nothing.textContent;
  let timer = null;

  function ask() {
    clearTimeout(timer);
    if (details.open) timer = setTimeout(() => trigger("input"), PAUSE);
  }

  function render() {
    const steps = props.value?.steps ?? [];
    nothing.textContent = props.value?.error ?? INVITATION;
    nothing.hidden = steps.length > 0;
    list.replaceChildren(
      ...steps.map(({ title, picture }) => {
        const item = document.createElement("li");
        const image = document.createElement("img");
        image.src = picture;
        image.alt = "";
        const label = document.createElement("span");
        label.textContent = title;
        item.append(image, label);
        return item;
      }),
    );
  }

  listenWhileMounted(element, "drawing-sent", ask);
  details.addEventListener("toggle", ask);
  watch("value", render);
  render();
}
