/** What a network says. Gradio calls this text with `element`, `props` and `watch`. */

const reading = element.querySelector(".reading");
const digit = element.querySelector(".digit");
const confidence = element.querySelector(".confidence");
const bars = element.querySelector(".bars");
const canvas = element.querySelector("canvas"); // null where the input is left out
const BLACK = btoa("\0".repeat(28 * 28));

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

function render() {
  const best = props.value?.digit ?? null;
  const probabilities = best === null ? new Array(10).fill(0) : props.value.probabilities;
  reading.classList.toggle("blank", best === null);
  digit.textContent = best ?? props.value?.error ?? (props.value ? "Nothing to read" : props.invitation);
  confidence.textContent = best === null ? "" : percent(probabilities[best]);
  rows.forEach((row, index) => {
    row.classList.toggle("best", index === best);
    row.dataset.percent = best === null ? "" : percent(probabilities[index]);
    row.querySelector(".fill").style.transform = `translateX(${100 * probabilities[index] - 100}%)`;
  });
  const spoken = probabilities.map((share, index) => `${index}: ${percent(share)}`).join(", ");
  bars.setAttribute("aria-label", best === null ? "No probabilities yet" : `Probabilities: ${spoken}`);
  if (canvas) drawPixels(canvas, best === null ? BLACK : props.value.pixels);
}

watch("value", render);
render();
