import { find } from "../mounting.js";

/**
 * @import { Run } from "./types.js"
 */

/** The buttons that steer the run which is shown, for those who may: pause, step, another learning rate, stop, resume. */
export class Steering {
  /**
   * @param {HTMLElement} group
   * @param {(action: string, value?: number) => void} act
   */
  constructor(group, act) {
    this.group = group;
    this.form = find(group, "form");
    this.rate = /** @type {HTMLInputElement} */ (find(group, "input"));
    this.buttons = /** @type {HTMLButtonElement[]} */ ([...group.querySelectorAll("[data-action]")]);
    this.run = "";
    for (const button of this.buttons) button.addEventListener("click", () => act(button.dataset.action ?? ""));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      act("learning-rate", Number(this.rate.value));
    });
  }

  /**
   * Offer what can be done with a run.
   * @param {Run | null} run
   */
  show(run) {
    const actions = run?.mine ? Steering.actionsOn(run) : {};
    this.group.hidden = !Object.keys(actions).length;
    for (const button of this.buttons) {
      const text = actions[button.dataset.action ?? ""];
      button.hidden = !text;
      if (text && button.textContent !== text) button.textContent = text;
    }
    this.form.hidden = run?.state !== "running";
    if (run && this.run !== run.run) this.rate.value = `${run.learning_rate}`;
    this.run = run?.run ?? "";
  }

  /**
   * Return the actions that a run is ready for, with what their buttons say.
   * @param {Run} run
   * @returns {{ [action: string]: string }}
   */
  static actionsOn(run) {
    if (run.state === "queued") return { stop: "Cancel" };
    /** @type {{ [action: string]: string }} */
    const going = run.paused ? { "go-on": "Resume" } : { pause: "Pause" };
    if (run.state === "running") return { ...going, "step-batch": "One batch", "step-epoch": "One epoch", stop: "Stop" };
    return run.resumable ? { resume: `Resume after epoch ${run.epoch}` } : {};
  }
}
