import { isTellable, NoAnswer, Refused } from "./server.js";

/**
 * @typedef {object} Polled
 * @property {() => boolean} isMounted
 * @property {() => boolean} isWatched
 * @property {() => boolean} isLive whether there is a run that waits or trains
 * @property {() => Promise<boolean>} refresh asks, and shows the answer; returns whether there is more to ask at once
 * @property {(text: string) => void} fail tells why there is nothing new
 */

/** Asks the server what is new, a few times a second while a run is live, and ever less often where no answer comes. */
export class Poller {
  static LIVE_INTERVAL = 200; // ms between two questions while a run is live
  static IDLE_INTERVAL = 2000; // ms while none is
  static MAX_INTERVAL = 30_000; // ms where one answer after the other does not come

  /** @param {Polled} page */
  constructor(page) {
    this.page = page;
    this.timer = 0;
    this.isAsking = false; // two answers at once would both be added
    this.isWanted = false; // something has happened in the meantime: ask again at once
    this.failures = 0; // in a row
  }

  /** Refresh, and again after a while; only one such loop goes on. */
  async poll() {
    clearTimeout(this.timer);
    this.isWanted = this.isAsking;
    if (this.isAsking || !this.page.isMounted()) return;
    this.isAsking = true;
    let pause = 0; // ms that the server wants to be left alone
    try {
      if (this.page.isWatched() && (await this.page.refresh())) this.isWanted = true;
      this.failures = 0;
    } catch (error) {
      this.isWanted = false; // a server that is in trouble is not asked more often
      this.failures += 1;
      this.page.fail(`${Poller.describe(error)} Trying again …`);
      if (!isTellable(error)) throw error; // for the browser's console
      pause = 1000 * error.retryAfter;
    } finally {
      this.isAsking = false;
      this.timer = window.setTimeout(() => this.poll(), this.isWanted ? 0 : Math.max(pause, this.interval));
    }
  }

  /** How long to wait before the next question, in ms. */
  get interval() {
    if (this.failures) return Math.min(Poller.MAX_INTERVAL, Poller.IDLE_INTERVAL * 2 ** (this.failures - 1));
    return this.page.isLive() ? Poller.LIVE_INTERVAL : Poller.IDLE_INTERVAL;
  }

  /** @param {unknown} error */
  static describe(error) {
    if (error instanceof NoAnswer) return error.message;
    if (error instanceof Refused) return `The server refuses: ${error.message}.`;
    return "The answer of the server cannot be shown: this page may be older than the server, reload it.";
  }
}
