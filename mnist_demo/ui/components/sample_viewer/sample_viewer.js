import { listenWhileMounted } from "../mounting.js";
import { drawPixels } from "../pixels.js";

const PATIENCE = 2000; // ms after which an answer is not waited for any more

/** Samples by index. */
export function mount({ element, props, trigger, watch }) {
  const error = element.querySelector(".error");
  const image = element.querySelector("#browse-image");
  const label = element.querySelector("#browse-label");
  const position = element.querySelector(".position");
  const strip = element.querySelector(".strip");
  const [previousButton, randomButton, nextButton] = element.querySelectorAll(".steps button");

  let size = 0;
  let wanted = 0; // runs ahead of what is shown, so that quick clicks all count
  let askedAt = -Infinity; // when the server was asked for a sample that has not come yet

  function want(index) {
    wanted = Math.min(Math.max(index, 0), size - 1);
    if (performance.now() - askedAt > PATIENCE) ask();
  }

  /** Ask for the wanted sample; one question at a time, because an answer replaces the value with the question. */
  function ask() {
    askedAt = performance.now();
    props.value = { wanted };
    trigger("select");
  }

  function render() {
    const isAnswer = askedAt > -Infinity;
    askedAt = -Infinity;
    error.textContent = props.value.error ?? "";
    error.hidden = !props.value.error;
    if (!props.value.samples) return; // what was shown stays
    const { name, samples } = props.value;
    const [sample, ...following] = samples;
    size = props.value.size;
    if (isAnswer && sample.index !== wanted) ask();
    else wanted = sample.index;
    drawPixels(image, sample.pixels);
    image.setAttribute("aria-label", `Sample ${sample.index} of the ${name} set, a handwritten ${sample.label}`);
    label.textContent = sample.label;
    position.textContent = `${name[0].toUpperCase()}${name.slice(1)} set, index ${sample.index.toLocaleString("en")} of ${size.toLocaleString("en")}`;
    previousButton.disabled = sample.index === 0;
    nextButton.disabled = sample.index === size - 1;
    strip.replaceChildren(...following.map(makeThumbnail));
  }

  function makeThumbnail(sample) {
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 28;
    drawPixels(canvas, sample.pixels);
    button.type = "button";
    button.title = `Index ${sample.index}`;
    button.append(canvas, String(sample.label));
    button.addEventListener("click", () => want(sample.index));
    return button;
  }

  previousButton.addEventListener("click", () => want(wanted - 1));
  nextButton.addEventListener("click", () => want(wanted + 1));
  randomButton.addEventListener("click", () => want(Math.floor(Math.random() * size)));

  listenWhileMounted(element, "keydown", (event) => {
    const isTyping = document.activeElement?.matches("input, textarea, select, [role=tab]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || isTyping || image.offsetParent === null) return;
    event.preventDefault();
    want(wanted + step);
  });

  watch("value", render);
  render();
}
