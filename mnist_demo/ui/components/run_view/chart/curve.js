import { nameOf } from "../wording.js";

/**
 * @import { BatchEvent, EpochEvent, EvaluationEvent, Run, RunEvent, StartedEvent } from "../types.js"
 * @typedef {[examples: number, value: number][]} Series - oldest first
 */

/** What the chart shows of one run, and how far its events are known. */
export class Curve {
  /** @param {Run} run */
  constructor(run) {
    this.id = run.run;
    this.label = nameOf(run);
    this.epochs = run.epochs;
    this.resumed = run.resumed; // after a cut; its last events were forgotten then, and another curve begins
    this.known = 0; // events
    /** @type {StartedEvent | null} */
    this.started = null;
    /** @type {BatchEvent | null} */
    this.batch = null; // the newest one
    /** @type {EpochEvent | null} */
    this.epoch = null; // likewise
    /** @type {EvaluationEvent | null} */
    this.evaluation = null; // likewise, while one goes on
    this.length = 0; // examples that the whole run will see, once that is known
    /** @type {Series} */
    this.trainLoss = [];
    /** @type {Series} */
    this.testLoss = [];
    /** @type {Series} */
    this.testAccuracy = []; // shares in [0, 1]
    /** @type {number[]} */
    this.changes = []; // examples seen when the learning rate was changed
  }

  /**
   * The next point of testAccuracy as far as it is known while the network is tested; null if it is not.
   * @returns {[examples: number, share: number] | null}
   */
  get testedSoFar() {
    const { evaluation, started } = this;
    if (!started || evaluation?.split !== "test" || evaluation.epoch === this.epoch?.epoch) return null;
    return [evaluation.epoch * started.train_size, evaluation.accuracy];
  }

  /**
   * Take in what happened next.
   * @param {RunEvent} event
   */
  add(event) {
    this.known += 1;
    this.evaluation = event.event === "evaluation" ? event : null;
    if (event.event === "started") {
      this.started = event;
      this.length = this.epochs * event.train_size;
    } else if (event.event === "batch") {
      this.batch = event;
      this.trainLoss.push([event.examples_seen, event.train_loss]);
    } else if (event.event === "epoch") {
      this.epoch = event;
      const seen = event.epoch * (this.started?.train_size ?? 0);
      this.testLoss.push([seen, event.test_loss]);
      this.testAccuracy.push([seen, event.test_accuracy]);
    } else if (event.event === "learning_rate") {
      this.changes.push(event.examples_seen);
    }
  }
}
