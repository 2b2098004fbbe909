import { percent, setText } from "../elements.js";
import { find } from "../mounting.js";
import { isTellable } from "./server.js";

/**
 * @import { Analysis, EpochEvent, PastReading, Run } from "./types.js"
 * @import { Server } from "./server.js"
 *
 * What a run was after an epoch.
 * @typedef {{ epoch: number, title: string, reading: PastReading, analysis: Analysis }} Past
 *
 * What the time machine needs of the page.
 * @typedef {object} Place
 * @property {() => string} pixels - of the visitor's drawing, as networks see it; "" for none
 * @property {(past: Past) => void} show - the past
 * @property {() => void} leave - for the present
 * @property {(text: string) => void} say - what went wrong
 */

const STEP = 700; // ms that an epoch is shown while it plays: time to find what has changed

/** Takes the page back to what a run was after any epoch whose weights are kept, and to the present again. */
export class TimeMachine {
  /** @param {HTMLElement} section @param {Server} server @param {Place} place */
  constructor(section, server, place) {
    this.section = section;
    this.server = server;
    this.place = place;
    this.slider = /** @type {HTMLInputElement} */ (find(section, "input"));
    this.output = find(section, "output");
    this.button = find(section, ".play");
    /** @type {Run | null} */
    this.run = null;
    /** @type {number[]} */
    this.epochs = []; // that are kept, and can be gone back to
    /** @type {Map<number, EpochEvent>} */
    this.events = new Map();
    /** @type {Map<number, Analysis>} */
    this.analyses = new Map(); // the page asks only once for each
    this.trips = 0; // so many have begun: answers for all but the newest come too late
    this.isListing = false;
    /** @type {number | null} */
    this.wanted = null; // an epoch to go to as soon as it is offered
    /** @type {object | null} */
    this.playing = null; // the journey through all epochs that is under way
    this.slider.addEventListener("input", () => {
      this.stop();
      this.travel();
    });
    this.button.addEventListener("click", () => (this.playing ? this.stop() : this.play()));
  }

  get isInPast() {
    return this.slider.valueAsNumber < this.epochs.length;
  }

  /** The epoch that is shown, null for the present; what is wanted counts until it is known whether it is kept. */
  get epoch() {
    return this.isInPast ? this.epochs[this.slider.valueAsNumber] : this.wanted;
  }

  /** Begin with another run, or with the same one that goes on after a cut. @param {Run | null} run */
  reset(run) {
    this.stop();
    this.trips += 1;
    this.run = run;
    this.epochs = [];
    this.events.clear();
    this.analyses.clear();
    this.section.hidden = true;
    this.slider.max = "0";
  }

  /** Take in that an epoch has ended. @param {EpochEvent} event */
  add(event) {
    this.events.set(event.epoch, event);
    this.list();
  }

  /** Ask which epochs are kept: the server thins them out. */
  async list() {
    const { run } = this;
    if (!run || this.isListing) return;
    this.isListing = true;
    try {
      let known;
      do {
        known = this.events.size;
        const { epochs } = await this.server.ask(`runs/${run.run}/epochs`);
        if (run === this.run) this.offer(epochs);
      } while (run === this.run && known !== this.events.size);
    } catch (error) {
      if (!isTellable(error)) throw error; // the next epoch asks again
    } finally {
      this.isListing = false;
    }
    if (run !== this.run) this.list();
  }

  /** @param {number[]} epochs */
  offer(epochs) {
    const at = this.isInPast ? this.epochs[this.slider.valueAsNumber] : null;
    this.epochs = epochs;
    this.slider.max = `${epochs.length}`;
    const index = at === null ? epochs.length : epochs.findIndex((epoch) => epoch >= at);
    this.slider.value = `${index < 0 ? epochs.length : index}`;
    this.section.hidden = epochs.length < 2;
    this.describe();
    if (this.wanted !== null) this.go(this.wanted);
  }

  /** Go to an epoch, or the next one that is kept; null is the present. @param {number | null} epoch */
  go(epoch) {
    const index = epoch === null ? -1 : this.epochs.findIndex((kept) => kept >= epoch);
    this.wanted = null;
    this.stop();
    this.slider.value = `${index < 0 ? this.epochs.length : index}`;
    this.travel();
  }

  /** Show what the slider asks for. */
  async travel() {
    const trip = (this.trips += 1);
    this.describe();
    if (!this.isInPast) {
      this.place.leave();
      return;
    }
    const epoch = this.epochs[this.slider.valueAsNumber];
    try {
      const [reading, analysis] = await Promise.all([this.read(epoch), this.analyze(epoch)]);
      if (trip !== this.trips) return;
      this.place.say("");
      this.place.show({ epoch, title: this.title, reading, analysis });
    } catch (error) {
      if (!isTellable(error)) throw error;
      if (trip !== this.trips) return;
      this.stop();
      this.place.say(`Epoch ${epoch} cannot be shown: ${error.message}.`);
    }
  }

  /** @param {number} epoch @returns {Promise<PastReading>} */
  read(epoch) {
    return this.server.send(`runs/${this.run?.run}/epochs/${epoch}`, { pixels: this.place.pixels() });
  }

  /** @param {number} epoch @returns {Promise<Analysis>} */
  async analyze(epoch) {
    const { analyses, run } = this;
    const analysis = analyses.get(epoch) ?? (await this.server.ask(`runs/${run?.run}/analysis?epoch=${epoch}`));
    if (run === this.run) analyses.set(epoch, analysis);
    return analysis;
  }

  /** Go through all epochs to the present, from the first one if that is where the slider is. */
  async play() {
    const journey = (this.playing = {});
    this.describe();
    if (!this.isInPast) this.slider.value = "0";
    else this.slider.stepUp();
    while (this.section.isConnected) {
      const wait = new Promise((next) => setTimeout(next, STEP));
      await this.travel();
      await wait;
      if (this.playing !== journey) return; // stopped, and perhaps begun again
      if (!this.isInPast) break;
      this.slider.stepUp();
    }
    this.stop();
  }

  stop() {
    this.playing = null;
    this.describe();
  }

  get title() {
    const epoch = this.epochs[this.slider.valueAsNumber];
    const accuracy = this.events.get(epoch)?.test_accuracy;
    const what = epoch ? `After epoch ${epoch} of ${this.run?.epochs}` : "Untrained";
    return `${what}: ${percent(accuracy)} on the test set`;
  }

  describe() {
    const text = this.isInPast ? this.title : "Now";
    setText(this.output, text);
    this.slider.setAttribute("aria-valuetext", text);
    setText(this.button, this.playing ? "Pause" : "Play");
  }
}
