/** Runs an action soon after something has changed, but no more often than once in an interval; or at once. */
export class Pacer {
  /**
   * @param {() => void} action
   * @param {number} interval - in ms
   */
  constructor(action, interval) {
    this.action = action;
    this.interval = interval;
    this.ranAt = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Run the action as soon as its pace allows. */
  soon() {
    this.timer ??= setTimeout(() => this.now(), Math.max(0, this.ranAt + this.interval - performance.now()));
  }

  /** Run the action at once. */
  now() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.ranAt = performance.now();
    this.action();
  }
}
