import { isLive } from "./wording.js";

/** @import { Run } from "./types.js" */

/**
 * Decides which run is on the page: the one that the visitor has chosen, or else what goes on in the room. Between two
 * runs that is the one which has ended, until the next has something to show: a worker that is not warm yet needs seconds
 * to load PyTorch.
 */
export class Stage {
  static FIRST_POINT = 2; // events: that it has started, and what the untrained network says

  /** @param {number} [hold] ms for which a result stays on the page, although the next run trains already */
  constructor(hold = 0) {
    this.hold = hold;
    this.chosen = ""; // id of a run; "" follows the room
    this.ended = ""; // id of the run that has ended last
    this.endedAt = -Infinity; // ms; what had ended before the page was opened is not held
    this.highest = 0; // number of a run that was seen
    /** @type {Set<string>} */
    this.live = new Set(); // ids of runs that were live when they were last seen
  }

  /**
   * @param {Map<string, Run>} runs
   * @param {number} now in ms
   * @returns {Run | null}
   */
  pick(runs, now) {
    const byNumber = [...runs.values()].sort((a, b) => a.number - b.number);
    this.noteEnds(byNumber, now);
    const training = byNumber.find((run) => run.state === "running" && run.events >= Stage.FIRST_POINT);
    const isHeld = runs.has(this.ended) && now < this.endedAt + this.hold;
    const ended = runs.get(this.ended) ?? byNumber.findLast((run) => !isLive(run));
    const followed = isHeld ? ended : (training ?? ended);
    const first = byNumber.find((run) => run.state === "running") ?? byNumber.at(-1);
    return runs.get(this.chosen) ?? followed ?? first ?? null;
  }

  /** @param {Run[]} byNumber @param {number} now */
  noteEnds(byNumber, now) {
    const isNew = (/** @type {Run} */ run) => this.live.has(run.run) || run.number > this.highest;
    const newest = byNumber.findLast((run) => !isLive(run) && isNew(run));
    if (newest) {
      this.ended = newest.run;
      this.endedAt = this.highest ? now : -Infinity;
    }
    this.live = new Set(byNumber.filter(isLive).map((run) => run.run));
    this.highest = Math.max(this.highest, byNumber.at(-1)?.number ?? 0);
  }
}
