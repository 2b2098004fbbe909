import { ask } from "../asking.js";

/**
 * A question to the server that changes quickly: one at a time, and then the newest. So answers never lag behind.
 * @template Answer
 */
export class Question {
  /**
   * @param {string} address
   * @param {(answer: Answer & { error?: string }) => void} show
   */
  constructor(address, show) {
    this.address = address;
    this.show = show;
    /** @type {object | null} */
    this.wanted = null;
    this.isBusy = false;
  }

  /** Ask with these values, now or as soon as the last answer is there. @param {object} values */
  ask(values) {
    this.wanted = values;
    if (!this.isBusy) this.work();
  }

  /** Ask nothing any more, and show no answer. */
  drop() {
    this.wanted = null;
  }

  async work() {
    this.isBusy = true;
    while (this.wanted) {
      const asked = this.wanted;
      const answer = await ask(this.address, asked);
      if (this.wanted && answer) this.show(answer);
      if (this.wanted === asked) this.wanted = null;
    }
    this.isBusy = false;
  }
}
