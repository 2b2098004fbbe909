import { make, percent } from "../elements.js";

/** @import { EpochEvent } from "./types.js" */

/** @param {number | null} value */
const loss = (value) => (value === null ? "–" : value.toFixed(4));

/**
 * Append an epoch to the table of all.
 * @param {HTMLElement} body
 * @param {EpochEvent} event
 */
export function addEpoch(body, event) {
  const { epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds } = event;
  const texts = [epoch, loss(train_loss), percent(train_accuracy), loss(test_loss), percent(test_accuracy), seconds.toFixed(1)];
  body.append(make("tr", {}, ...texts.map((text) => make("td", {}, `${text}`))));
}
