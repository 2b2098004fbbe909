/** The buttons that steer the run which is shown, for those who may: pause, go a step, learn faster, go on. */
export class Steering {
  /**
   * @param {HTMLElement} group
   * @param {(action: string, value?: number) => void} act
   */
  constructor(group, act) {
    this.group = group;
    this.rate = group.querySelector("input");
    for (const button of group.querySelectorAll("[data-action]")) {
      button.addEventListener("click", () => act(button.dataset.action));
    }
    group.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      act("learning-rate", Number(this.rate.value));
    });
  }


  /** Offer what can be done with a run. */
  show(run) {
    const isTraining = run?.state === "running";
    this.group.hidden = !run?.mine || !(isTraining || run.resumable);
    if (this.group.hidden) return;
    const [pause, stepBatch, stepEpoch, resume] = this.group.querySelectorAll("[data-action]");
    pause.dataset.action = run.paused ? "go-on" : "pause";
    pause.textContent = run.paused ? "Go on" : "Pause";
    for (const element of [pause, stepBatch, stepEpoch, this.group.querySelector("form")]) element.hidden = !isTraining;
    resume.hidden = isTraining;
    resume.textContent = `Go on after epoch ${run.epoch}`;
    if (this.run !== run.run) this.rate.value = run.learning_rate;
    this.run = run.run;
  }
}
