import { isLive } from "./wording.js";

/** @import { LiveAnswer, Run } from "./types.js" */

/** What this page knows of the server's list of runs: what is new, and as much of what is older as was wanted. */
export class RunList {
  /** @type {Map<string, Run>} by their ids */
  runs = new Map();
  version = 0; // of the server's list
  total = 0; // runs that the server has
  edge = 0; // number of a run: what is older has not been asked for
  isOlderWanted = false;

  /**
   * Bring the list up to date.
   * @param {LiveAnswer} answer
   * @returns {Run[]} those that were known, and that the instructor has removed
   */
  take(answer) {
    const { version, total, removed, removed_by_instructor: byInstructor, older = [] } = answer;
    const lost = byInstructor.flatMap((id) => this.runs.get(id) ?? []);
    this.version = version;
    this.total = total;
    if (removed === null) this.runs.clear();
    for (const id of removed ?? []) this.runs.delete(id);
    for (const run of [...older, ...answer.runs]) this.runs.set(run.run, run);
    this.edge = answer.before ?? this.edge;
    if (answer.older) this.isOlderWanted = false;
    return lost;
  }

  /** Ask for all of it anew the next time. */
  forget() {
    this.version = 0;
  }

  get isLive() {
    return [...this.runs.values()].some(isLive);
  }
}
