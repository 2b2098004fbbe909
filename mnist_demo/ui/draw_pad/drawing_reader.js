/**
 * Asks the server what is on the pad: one picture at a time, and while it is read only the newest of those that follow
 * is kept. So the answer never lags behind, and the last picture is always read.
 */
class DrawingReader {
  static RETRY_AFTER = 1000; // ms, when the server does not answer

  /** @param {(reading: object | null) => void} show */
  constructor(show) {
    this.show = (reading) => {
      this.last = reading;
      show(reading);
    };
    this.last = null; // what was shown
    this.network = "";
    this.drawing = "";
    this.isMoving = false;
    this.newest = 0; // counts what is wanted
    this.isBusy = false;
  }

  /** Read a drawing, a data URL or "" for an empty pad; while the pen moves joined digits are not taken apart. */
  read(drawing, isMoving = false) {
    this.drawing = drawing;
    this.isMoving = isMoving;
    this.newest += 1;
    if (!drawing) this.show(null);
    else if (!this.isBusy) this.work();
  }

  /** Let another network read the same drawing. */
  choose(network) {
    this.network = network;
    this.read(this.drawing);
  }

  /** Show again what was read last, to somebody who comes late. */
  repeat() {
    this.show(this.last);
  }

  async work() {
    this.isBusy = true;
    for (let done = null; done !== this.newest && this.drawing; ) {
      done = this.newest;
      try {
        const reading = await this.ask();
        if (this.drawing) this.show(reading);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // what fetch throws if there is no answer
        this.show({ error: "The server does not answer. Trying again …" });
        await new Promise((resolve) => setTimeout(resolve, DrawingReader.RETRY_AFTER));
        done = null;
      }
    }
    this.isBusy = false;
  }

  async ask() {
    const bytes = Uint8Array.from(atob(this.drawing.split(",")[1]), (character) => character.charCodeAt(0));
    const query = `model=${encodeURIComponent(this.network)}&moving=${Number(this.isMoving)}`;
    const response = await fetch(`read?${query}`, { method: "POST", body: bytes });
    return response.json().catch(() => ({ error: `The server answers ${response.status}.` }));
  }
}
