/** @import { Run } from "./types.js" */

/** @param {Run} run */
export const isLive = (run) => run.state === "queued" || run.state === "running";

/**
 * Return what a run is called: by whoever started it, or by its number.
 * @param {Run} run
 */
export const nameOf = (run) => run.name || `Run ${run.number} · ${run.recipe}`;

/**
 * Return all that tells a run from others.
 * @param {Run} run
 */
export function titleOf(run) {
  const parts = [run.name, `Run ${run.number}`, run.recipe, run.nickname && `by ${run.nickname}`];
  return parts.filter(Boolean).join(" · ");
}

/**
 * Say where a run stands, in a word or two.
 * @param {Run} run
 */
export function stateOf(run) {
  if (run.state === "queued") return run.place ? `queued (${run.place} ahead)` : "queued (next)";
  if (run.state !== "running") return run.state;
  if (run.paused) return "paused";
  if (run.epoch === null) return "starting";
  return run.epoch === run.epochs ? "evaluating" : `epoch ${run.epoch + 1} of ${run.epochs}`;
}

/**
 * Say why a run has ended, where that is more than its state.
 * @param {Run} run
 */
export function reasonOf(run) {
  const isPlain = run.state === "finished" || run.message === "The run was stopped.";
  return isLive(run) || isPlain ? "" : run.message;
}
