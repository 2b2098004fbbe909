import { make, makeButton } from "../elements.js";
import { find } from "../mounting.js";

/**
 * Example drawings to click.
 * @param {import("../mounting.js").Component} component
 */
export function mount({ element, props, trigger }) {
  /** @param {{ title: string, picture: string }} example @param {number} index */
  const makeExample = ({ title, picture }, index) => {
    const choose = () => {
      props.value = index;
      trigger("select");
    };
    const button = makeButton("", choose, { title, ariaLabel: title });
    button.append(make("img", { src: picture, alt: "" }));
    return button;
  };
  find(element, ".examples").replaceChildren(...props.pictures.map(makeExample));
}
