/** @import { Limits } from "./types.js" */

/** @type {Limits} */
const HIGHEST = { runs: 20, epochs: 1000, seconds: 86_400, pause: 10 }; // where the instructor has set none

/**
 * Say what the instructor allows a visitor, "" where nothing is restricted.
 * @param {Limits} limits
 */
export function describeLimits({ runs, epochs, seconds }) {
  const parts = [
    epochs < HIGHEST.epochs && `${epochs.toLocaleString("en")} ${epochs === 1 ? "epoch" : "epochs"} a run`,
    seconds < HIGHEST.seconds && `${seconds.toLocaleString("en")} s a run`,
    runs < HIGHEST.runs && `${runs} ${runs === 1 ? "run" : "runs"} in the queue`,
  ].filter(Boolean);
  return parts.length ? `Limits set by the instructor: ${parts.join(", ")}.` : "";
}
