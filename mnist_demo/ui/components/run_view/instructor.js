import { setText } from "../elements.js";
import { find } from "../mounting.js";
import { isTellable } from "./server.js";

/**
 * @import { Room } from "./types.js"
 * @import { Server } from "./server.js"
 */

/** What the instructor sees: a field for the key, and with the right one the limits for visitors, and a clean board. */
export class Instructor {
  static STORED = "instructor-key";

  /**
   * @param {HTMLDetailsElement} details
   * @param {Server} server
   * @param {() => void} changed the key is another, or the room is
   */
  constructor(details, server, changed) {
    this.details = details;
    this.server = server;
    this.changed = changed;
    this.isInstructor = false;
    this.limits = ""; // those that stand in the form, as JSON
    this.keyForm = /** @type {HTMLFormElement} */ (find(details, ".key"));
    this.keyField = /** @type {HTMLInputElement} */ (find(this.keyForm, "input"));
    this.limitsForm = /** @type {HTMLFormElement} */ (find(details, ".limits"));
    this.tools = find(details, ".tools");
    this.listen();
    const stored = Instructor.recall();
    if (stored) this.enter(stored);
  }

  /** Return the key that was kept before a reload of this tab, "" if there is none. */
  static recall() {
    try {
      return sessionStorage.getItem(Instructor.STORED) ?? "";
    } catch {
      return ""; // storage is forbidden here
    }
  }

  /** @param {string} key "" forgets it */
  keep(key) {
    this.server.key = key;
    try {
      if (key) sessionStorage.setItem(Instructor.STORED, key);
      else sessionStorage.removeItem(Instructor.STORED);
    } catch {
      return; // storage is forbidden here: a reload asks for the key again
    }
  }

  listen() {
    this.keyForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter(this.keyField.value);
    });
    this.limitsForm.addEventListener("submit", (event) => {
      event.preventDefault();
      const limits = Object.fromEntries([...new FormData(this.limitsForm)].map(([name, value]) => [name, Number(value)]));
      this.send(this.limitsForm, "limits", { limits }, () => "✓ These limits are in force.");
    });
    find(this.tools, ".clear").addEventListener("click", () => {
      if (!confirm("Remove all runs that have ended, with their weights? This cannot be undone.")) return;
      const describe = (/** @type {{ removed: number }} */ { removed }) => `✓ Removed ${removed} ${removed === 1 ? "run" : "runs"}.`;
      this.send(this.tools, "runs", { action: "clear" }, describe);
    });
  }

  /**
   * Try a key, and keep it only if it is the right one.
   * @param {string} key
   */
  async enter(key) {
    this.keep("");
    const isTaken = await this.send(this.keyForm, "instructor", { key }, () => "");
    if (!isTaken) return;
    this.keep(key);
    this.keyField.value = "";
    this.changed();
  }

  /**
   * Send what the instructor wants, and tell beside its form what came of it; return whether it was done.
   * @param {HTMLElement} form
   * @param {string} address
   * @param {object} values
   * @param {(answer: any) => string} describe
   */
  async send(form, address, values, describe) {
    const outcome = find(form, ".outcome");
    setText(outcome, "");
    try {
      const answer = await this.server.send(address, values);
      outcome.classList.remove("wrong");
      setText(outcome, describe(answer));
      if (form !== this.keyForm) this.changed();
      return true;
    } catch (error) {
      if (!isTellable(error)) throw error;
      outcome.classList.add("wrong");
      setText(outcome, form === this.keyForm ? Instructor.explain(error.message) : error.message);
      return false;
    }
  }

  /** @param {string} reason for which a key was refused */
  static explain(reason) {
    return reason === "only the instructor may do this" ? "This is not the instructor's key." : `The key was refused: ${reason}.`;
  }

  /**
   * Show what the server says of the room.
   * @param {Room} room
   */
  show({ has_instructor: hasInstructor, instructor, refusal, limits }) {
    this.isInstructor = instructor;
    this.details.hidden = !hasInstructor;
    if (this.server.key && !instructor) this.forget(refusal); // the server has another key since
    this.keyForm.hidden = instructor;
    this.limitsForm.hidden = this.tools.hidden = !instructor;
    const written = JSON.stringify(limits);
    if (written === this.limits) return;
    this.limits = written;
    for (const [name, value] of Object.entries(limits)) {
      const field = /** @type {HTMLInputElement} */ (find(this.limitsForm, `[name=${name}]`));
      field.value = `${value}`;
    }
  }

  /** @param {string} reason */
  forget(reason) {
    this.keep("");
    setText(find(this.keyForm, ".outcome"), `The key was refused: ${reason}.`);
  }
}
