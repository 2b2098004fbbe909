import { percent, setText, wholeNumber } from "../elements.js";
import { find } from "../mounting.js";
import { TimeLeft } from "./time_left.js";
import { isLive, reasonOf, stateOf, titleOf } from "./wording.js";

/**
 * @import { Run } from "./types.js"
 * @import { Curve } from "./chart/curve.js"
 */

/** Where the run that is shown stands: a sentence, a bar and a few numbers. */
export class Status {
  /**
   * @param {HTMLElement} view
   * @param {string} none what to say while there is no run
   */
  constructor(view, none) {
    this.none = none;
    this.sentence = find(view, "#train-status");
    this.bar = find(view, ".progress");
    this.filled = find(this.bar, "i");
    this.facts = ["epoch", "examples", "speed", "left", "accuracy"].map((name) => find(view, `[data-fact=${name}]`));
  }

  /** @param {string} text */
  say(text) {
    setText(this.sentence, text);
  }

  /**
   * @param {Run | null} run
   * @param {Curve | null} curve its curve
   * @param {TimeLeft | null} timeLeft its time
   */
  show(run, curve, timeLeft) {
    this.say(run ? `${titleOf(run)} · ${Status.describe(run, curve)}` : this.none);
    const done = curve?.batch ? curve.batch.examples_seen / curve.length : 0;
    this.bar.setAttribute("aria-valuenow", `${Math.round(100 * done)}`);
    this.filled.style.width = `${100 * done}%`;
    const texts = [
      Status.epochOf(run, curve),
      curve?.batch ? wholeNumber(curve.batch.examples_seen) : "–",
      curve?.batch ? wholeNumber(curve.batch.examples_per_second) : "–",
      Status.leftOf(run, timeLeft),
      percent(curve?.testedSoFar?.[1] ?? curve?.epoch?.test_accuracy),
    ];
    texts.forEach((text, index) => setText(this.facts[index], text));
  }

  /** @param {Run} run @param {Curve | null} curve */
  static describe(run, curve) {
    if (run.state !== "running" || run.paused) return [stateOf(run), reasonOf(run)].filter(Boolean).join(": ");
    if (curve?.evaluation) return `evaluating on the ${curve.evaluation.split === "test" ? "test" : "training"} set`;
    return curve?.started && curve.epoch ? `training on ${curve.started.device}` : "starting";
  }

  /** @param {Run | null} run @param {Curve | null} curve */
  static epochOf(run, curve) {
    if (!run || !curve?.epoch) return "–";
    return `${curve.batch && isLive(run) ? curve.batch.epoch : curve.epoch.epoch} of ${run.epochs}`;
  }

  /** @param {Run | null} run @param {TimeLeft | null} timeLeft */
  static leftOf(run, timeLeft) {
    if (!timeLeft) return "–";
    if (run?.state !== "running" || run.paused) {
      timeLeft.pause();
      return "–";
    }
    const left = timeLeft.read(performance.now());
    return left === null ? "–" : TimeLeft.write(left);
  }
}
