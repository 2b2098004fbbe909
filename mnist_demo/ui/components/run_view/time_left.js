/** @import { EvaluationEvent, RunEvent, StartedEvent } from "./types.js" */

/**
 * How long a run still takes, tests included. The speed is the mean over the newest fifth of the run, and what is shown
 * counts down like a clock that is put right slowly: a report that was slow by chance does not make it jump.
 */
export class TimeLeft {
  static LOOK = 1 / 3; // of the time that an example takes to train on, it takes to be looked at: there is no backward pass
  static MEMORY = 0.2; // of the run, over which the speed is averaged
  static LEAST_SEEN = 0.5; // s of training, before which a speed says nothing
  static PATIENCE = { share: 0.2, least: 0.5, most: 5 }; // of the time that is left, in s: how slowly it is put right

  /** @param {number} epochs of the whole run */
  constructor(epochs) {
    this.epochs = epochs;
    /** @type {StartedEvent | null} */
    this.started = null;
    /** @type {EvaluationEvent | null} */
    this.evaluation = null; // while one goes on
    this.tested = 0; // epochs that were trained and tested
    this.seen = 0; // examples
    this.trained = 0; // s
    this.cost = 0; // s of an example, averaged
    this.weight = 0; // examples that this average is of
    this.shown = NaN; // s
    this.shownAt = NaN; // ms
  }

  /** Forget what was shown: the clock stands still. */
  pause() {
    this.shown = NaN;
  }

  /** @param {RunEvent} event the next of the run */
  add(event) {
    this.evaluation = event.event === "evaluation" ? event : null;
    if (event.event === "started") this.started = event;
    if (event.event === "epoch") this.tested = event.epoch;
    if (event.event !== "batch" || !this.started) return;
    const examples = event.examples_seen - this.seen;
    const cost = 1 / event.examples_per_second;
    this.seen = event.examples_seen;
    this.trained += examples * cost;
    this.weight = Math.min(this.weight + examples, Math.max(examples, TimeLeft.MEMORY * this.length));
    this.cost += (cost - this.cost) * (examples / this.weight);
  }

  /** Examples that the whole run trains on. */
  get length() {
    return this.epochs * (this.started?.train_size ?? 0);
  }

  /** Images that are still to be looked at: the test images after every epoch, the training images at the end. */
  get looks() {
    const { started, evaluation } = this;
    if (!started) return 0;
    const all = (this.epochs - this.tested) * started.test_size + started.train_size;
    return all - (evaluation?.examples ?? 0);
  }

  /** What the events say is left, in s; null if they say too little. */
  get estimate() {
    if (this.trained < TimeLeft.LEAST_SEEN) return null;
    return this.cost * (Math.max(0, this.length - this.seen) + TimeLeft.LOOK * this.looks);
  }

  /**
   * Return what to show, in s; null if that is not known.
   * @param {number} now in ms
   */
  read(now) {
    const { estimate } = this;
    if (estimate === null) return null;
    if (Number.isNaN(this.shown)) this.shown = estimate;
    else {
      const passed = (now - this.shownAt) / 1000;
      const { share, least, most } = TimeLeft.PATIENCE;
      const patience = Math.min(most, Math.max(least, share * estimate));
      const counted = Math.max(0, this.shown - passed);
      this.shown = counted + (estimate - counted) * (1 - Math.exp(-passed / patience));
    }
    this.shownAt = now;
    return this.shown;
  }

  /** @param {number} seconds @returns {string} as 2:05 */
  static write(seconds) {
    const whole = Math.ceil(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }
}
