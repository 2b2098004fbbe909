import { listenWhileMounted } from "../mounting.js";
import { drawPixels } from "../pixels.js";

const BLACK = btoa("\0".repeat(28 * 28));

/** What a network says. */
export function mount({ element, props, watch }) {
  let shown = null; // props.value, or what the pad has heard from the server

  const reading = element.querySelector(".reading");
  const answer = element.querySelector(".digit");
  const confidence = element.querySelector(".confidence");
  const bars = element.querySelector(".bars");
  const digits = element.querySelector(".digits");
  const canvas = element.querySelector("canvas"); // null where the input is left out

  const rows = Array.from({ length: 10 }, (_, index) => {
    const row = document.createElement("div");
    row.className = "bar";
    row.dataset.digit = index;
    row.innerHTML = '<div class="track"><div class="fill"></div></div>';
    bars.append(row);
    return row;
  });

  function percent(share) {
    return `${(100 * share).toFixed(1)}%`;
  }

  function show(value) {
    shown = value;
    render();
  }

  function render() {
    const value = shown ?? {};
    const isNumber = value.number !== undefined;
    reading.classList.toggle("number", isNumber);
    if (isNumber) renderNumber(value);
    else renderDigit(value);
    const boxes = isNumber ? value.boxes : [];
    if (canvas) document.dispatchEvent(new CustomEvent("number-boxes", { detail: boxes }));
  }

  function renderDigit({ digit = null, guess = null, probabilities = [], pixels = BLACK, error }) {
    const best = digit ?? guess;
    const isRefused = digit === null && guess !== null;
    reading.classList.toggle("blank", digit === null);
    reading.classList.toggle("refused", isRefused);
    answer.textContent = best ?? error ?? (shown ? "Nothing to read" : props.invitation);
    confidence.textContent = isRefused
      ? "I cannot read this as a digit. This is my best guess."
      : digit === null ? "" : percent(probabilities[digit]);
    rows.forEach((row, index) => {
      const share = best === null ? 0 : probabilities[index];
      row.classList.toggle("best", index === best);
      row.dataset.percent = best === null ? "" : percent(share);
      row.querySelector(".fill").style.transform = `translateX(${100 * share - 100}%)`;
    });
    const spoken = probabilities.map((share, index) => `${index}: ${percent(share)}`).join(", ");
    bars.setAttribute("aria-label", best === null ? "No probabilities yet" : `Probabilities: ${spoken}`);
    if (canvas) drawPixels(canvas, pixels);
  }

  /** Show all digits of a number, each with what the network saw and how sure it is. */
  function renderNumber({ number, digits: parts }) {
    reading.classList.remove("blank", "refused");
    answer.textContent = number;
    confidence.textContent = `${parts.length} digits`;
    digits.replaceChildren(
      ...parts.map(({ digit, probabilities, pixels }) => {
        const figure = document.createElement("figure");
        const picture = document.createElement("canvas");
        picture.width = picture.height = 28;
        drawPixels(picture, pixels);
        const caption = document.createElement("figcaption");
        caption.innerHTML = "<b></b> <span></span>";
        caption.querySelector("b").textContent = digit;
        caption.querySelector("span").textContent = percent(probabilities[digit]);
        figure.append(picture, caption);
        return figure;
      }),
    );
  }

  if (canvas) {
    listenWhileMounted(element, "drawing-read", (event) => show(event.detail));
  }
  watch("value", () => show(props.value));
  show(props.value);
  if (canvas) document.dispatchEvent(new Event("drawing-wanted")); // a quick hand may have drawn before this was here
}
