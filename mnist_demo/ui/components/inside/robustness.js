import { make } from "../elements.js";

/**
 * How accurate the bundled networks are on changed test images, see serving/robustness.py; the accuracies, in [0, 1],
 * are by the name of the network, and there are none where nothing was measured.
 * @typedef {{ strengths: number[], accuracies: Record<string, number[]> }} Curve - against the strength of a damage
 * @typedef {object} Robustness
 * @property {number} samples - that were read
 * @property {string | null} command - that measures; null if it would find no network
 * @property {Record<string, number>} [clean] - as they are
 * @property {Record<string, Curve>} [curves] - by the name of the damage
 * @property {Record<string, Record<string, number>>} [corruptions] - by the name of the corruption
 */

/**
 * Say which figures are missing, and how to get them; nothing if those of the network are there.
 * @param {HTMLElement} paragraph
 * @param {Robustness} figures
 * @param {string} network - that is looked into
 */
export function tellMissing(paragraph, { command, clean }, network) {
  paragraph.hidden = network in (clean ?? {});
  if (paragraph.hidden) return;
  if (!command) paragraph.replaceChildren("Not measured: no bundled network has learned this dataset.");
  else if (!clean) paragraph.replaceChildren("Not measured for this data and these weights; on the server: ", make("code", {}, command));
  else if (network.startsWith("run:")) paragraph.replaceChildren("The networks of runs are not measured, only the bundled ones.");
  else paragraph.replaceChildren(`${network} is not measured with these weights; on the server: `, make("code", {}, command));
}
