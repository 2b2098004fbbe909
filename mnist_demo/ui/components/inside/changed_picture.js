import { find } from "../mounting.js";
import { drawPixels } from "../pixels.js";

/**
 * @typedef {{ reading: import("../draw_pad/drawing_reader.js").Reading }} Answer - on a picture that the server changed
 */

/**
 * Show a changed picture, and what the network reads of it.
 * @param {HTMLElement} figure
 * @param {string[]} classes
 * @param {Answer & { error?: string }} answer
 */
export function showChanged(figure, classes, { reading, error }) {
  const caption = find(figure, "figcaption");
  if (error || !reading) {
    caption.textContent = error ?? "";
    return;
  }
  const { digit, guess, probabilities = [], pixels = "" } = reading;
  drawPixels(find(figure, ".changed"), pixels);
  const best = Math.max(...probabilities);
  const name = classes[guess ?? 0];
  caption.textContent = `Read as ${name}, ${(100 * best).toFixed(1)}%${digit === null ? ", and rejected" : ""}`;
}
