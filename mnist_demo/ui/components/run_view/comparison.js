import { Curve } from "./chart/curve.js";
import { Refused } from "./server.js";

/**
 * @import { Run, RunEvent } from "./types.js"
 * @import { Server } from "./server.js"
 */

/** The runs whose curves are laid over those of the one that is shown. */
export class Comparison {
  /** @param {Server} server */
  constructor(server) {
    this.server = server;
    /** @type {Curve[]} */
    this.curves = [];
  }

  get ids() {
    return new Set(this.curves.map(({ id }) => id));
  }

  /** @param {Run} run @param {boolean} isCompared */
  toggle(run, isCompared) {
    this.curves = this.curves.filter(({ id }) => id !== run.run);
    if (isCompared) this.curves.push(new Curve(run));
  }

  /**
   * Drop what is no longer among the runs, and begin anew with what has gone on after a cut; return whether any has.
   * @param {Map<string, Run>} runs
   */
  keepUp(runs) {
    const before = this.curves;
    this.curves = before.flatMap((curve) => {
      const run = runs.get(curve.id);
      if (!run) return [];
      return run.resumed === curve.resumed ? curve : new Curve(run);
    });
    return this.curves.length < before.length || this.curves.some((curve, index) => curve !== before[index]);
  }

  /**
   * Fetch what is new; return whether anything is.
   * @param {Map<string, Run>} runs
   */
  async catchUp(runs) {
    const added = await Promise.all(this.curves.map((curve) => this.catchUpWith(curve, runs.get(curve.id))));
    return added.some(Boolean);
  }

  /** @param {Curve} curve @param {Run | undefined} run */
  async catchUpWith(curve, run) {
    if (!run || run.events === curve.known) return false;
    /** @type {RunEvent[]} */
    const events = await this.server.ask(`runs/${curve.id}/events?after=${curve.known}`).catch((error) => {
      if (!(error instanceof Refused)) throw error;
      return []; // it was removed this moment
    });
    for (const event of events) curve.add(event);
    return events.length > 0;
  }
}
