/**
 * What the server says of a drawing: a digit, a number with the boxes of its digits, or what is wrong.
 * @typedef {object} Digit
 * @property {number | null} digit - null for what is no digit
 * @property {number | null} guess
 * @property {number[]} candidates - that it may be, the likeliest first
 * @property {string | null} reason - why there is no digit
 * @property {number[]} probabilities - of the ten digits
 * @property {string} pixels - that the network saw, as base64 of 28 x 28 bytes
 *
 * @typedef {object} Answer
 * @property {string} error
 * @property {string} number
 * @property {string[]} lines - of the number
 * @property {[left: number, top: number, right: number, bottom: number][]} boxes - in px of the picture, or thousandths
 *   of the pad
 * @property {Digit[]} digits
 *
 * @typedef {Partial<Digit & Answer>} Reading
 */

/**
 * Asks the server what is on the pad: one drawing at a time, and while it is read only the newest of those that follow
 * is kept. So the answer never lags behind, and the last drawing is always read, even if the server has to be asked
 * again for it.
 */
export class DrawingReader {
  static PAUSE = 1000; // ms until the server is asked again, if it does not say when
  static MAX_PAUSE = 30000; // ms
  static TRY_AGAIN = [429, 502, 503, 504]; // statuses of a server that is busy, or starting behind a proxy

  /** @param {(reading: Reading | null) => void} listener - hears null of an empty pad */
  constructor(listener) {
    this.listener = listener;
    /** @type {Reading | null} */
    this.last = null; // what was shown
    this.network = "";
    /** @type {import("./message.js").Message | null} */
    this.drawing = null;
    this.isMoving = false;
    this.newest = 0; // counts what is wanted
    this.isBusy = false;
  }

  /**
   * Read a drawing; while the pen moves joined digits are not taken apart.
   * @param {import("./message.js").Message | null} drawing - null for an empty pad
   */
  read(drawing, isMoving = false) {
    this.drawing = drawing;
    this.isMoving = isMoving;
    this.newest += 1;
    if (!drawing) this.show(null);
    else if (!this.isBusy) this.work();
  }

  /**
   * Let another network read the same drawing.
   * @param {string} network
   */
  choose(network) {
    this.network = network;
    this.read(this.drawing);
  }

  /** Show again what was read last, to somebody who comes late. */
  repeat() {
    this.show(this.last);
  }

  /** @param {Reading | null} reading */
  show(reading) {
    this.last = reading;
    this.listener(reading);
  }

  async work() {
    this.isBusy = true;
    for (let done = 0; done !== this.newest && this.drawing; ) {
      done = this.newest;
      const { reading, pause } = await this.ask();
      if (this.drawing) this.show(reading);
      if (pause) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        done = 0;
      }
    }
    this.isBusy = false;
  }

  /**
   * Return what the server says, and after how many ms it is to be asked again: 0 if this is its answer.
   * @returns {Promise<{ reading: Reading, pause: number }>}
   */
  async ask() {
    const query = `model=${encodeURIComponent(this.network)}&moving=${Number(this.isMoving)}`;
    try {
      const response = await fetch(`read?${query}`, { method: "POST", ...this.drawing });
      const text = await response.text();
      return { reading: this.parse(text, response.status), pause: this.pauseAfter(response) };
    } catch (error) {
      // TypeError is what fetch throws if there is no answer, or only half of one.
      if (error instanceof TypeError) return { reading: { error: "The server does not answer. Trying again …" }, pause: DrawingReader.PAUSE };
      return { reading: { error: `The drawing cannot be sent: ${error}` }, pause: 0 };
    }
  }

  /**
   * @param {string} text
   * @param {number} status
   * @returns {Reading}
   */
  parse(text, status) {
    try {
      return JSON.parse(text);
    } catch {
      return { error: `The server answers ${status}.` };
    }
  }

  /** @param {Response} response */
  pauseAfter(response) {
    if (!DrawingReader.TRY_AGAIN.includes(response.status)) return 0;
    const wanted = 1000 * Number(response.headers.get("Retry-After")) || DrawingReader.PAUSE;
    // Spread, so that a whole room does not come back at the same moment.
    return Math.min(wanted, DrawingReader.MAX_PAUSE) * (1 + Math.random() / 2);
  }
}
