import { setText } from "../elements.js";
import { NoAnswer, Refused } from "./server.js";

/** What the instructor sees: a field for the key, and with the right one what visitors may ask for, and a clean board. */
export class Instructor {
  static STORED = "instructor-key";

  /**
   * @param {HTMLElement} details
   * @param {Server} server
   * @param {() => void} changed the key is another, or the room is
   */
  constructor(details, server, changed) {
    this.details = details;
    this.keyForm = details.querySelector(".key");
    this.limitsForm = details.querySelector(".limits");
    this.clearButton = details.querySelector(".clear");
    this.outcome = details.querySelector(".outcome");
    this.server = server;
    this.changed = changed;
    server.key = sessionStorage.getItem(Instructor.STORED) ?? "";
    this.keyForm.addEventListener("submit", (event) => {
      event.preventDefault();
      server.key = this.keyForm.querySelector("input").value;
      sessionStorage.setItem(Instructor.STORED, server.key); // for a reload of this tab
      changed();
    });
    this.limitsForm.addEventListener("submit", (event) => {
      event.preventDefault();
      const limits = Object.fromEntries([...new FormData(this.limitsForm)].map(([name, value]) => [name, Number(value)]));
      this.send("limits", { limits }, () => "The limits hold from now on.");
    });
    this.clearButton.addEventListener("click", () => {
      if (!confirm("Remove all runs that are over, with their weights? This cannot be undone.")) return;
      this.send("runs", { action: "clear" }, ({ removed }) => `${removed} ${removed === 1 ? "run" : "runs"} removed.`);
    });
  }

  /** Send what the instructor wants, and tell what came of it. */
  async send(address, values, describe) {
    try {
      setText(this.outcome, describe(await this.server.send(address, values)));
      this.changed();
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
      setText(this.outcome, error.message);
    }
  }

  /**
   * Show what the server says of the room: whether there is an instructor, whether this is the one, why the key is not
   * taken, the limits.
   */
  show({ has_instructor, instructor, refusal, limits }) {
    this.details.hidden = !has_instructor;
    if (!instructor || !this.keyForm.hidden) setText(this.outcome, refusal ? `The key is not taken: ${refusal}.` : "");
    this.keyForm.hidden = instructor;
    if (instructor && this.limitsForm.hidden) {
      for (const [name, value] of Object.entries(limits)) this.limitsForm.elements[name].value = value;
    }
    this.limitsForm.hidden = this.clearButton.hidden = !instructor;
  }
}
