import { make, makeButton, percent, seconds, setText, wholeNumber } from "../elements.js";
import { isLive, nameOf } from "./chart/curve.js";

/**
 * All runs in a table: those that train and wait first, then the others, ranked by whatever column was chosen. A name
 * chooses the run that is shown, a tick lays its curves over those of the others.
 */
export class Board {
  static COLUMNS = [
    // title, what is ranked, lowest first?
    ["Test accuracy", (run) => run.test_accuracy, false],
    ["To 97%", (run) => run.reached[97], true],
    ["To 98%", (run) => run.reached[98], true],
    ["To 99%", (run) => run.reached[99], true],
    ["Parameters", (run) => run.parameters, true],
  ];

  /**
   * @param {HTMLElement} section
   * @param {{choose, compare, act, showOlder}} listeners choose(id), compare(ids), act(id, action, value), showOlder()
   */
  constructor(section, { choose, compare, act, showOlder }) {
    this.section = section;
    this.choose = choose;
    this.compare = compare;
    this.act = act;
    this.compared = new Set();
    this.ranked = 0; // index of a column
    this.runs = [];
    this.rows = new Map(); // by the run's id
    this.section.querySelector("thead").append(this.makeHead());
    this.older = section.querySelector(".older");
    this.older.addEventListener("click", showOlder);
  }

  makeHead() {
    const ranks = Board.COLUMNS.map(([title], index) => {
      const rank = () => {
        this.ranked = index;
        this.show(this.runs, this.shown, this.isInstructor, this.total);
      };
      return make("th", { scope: "col" }, makeButton(title, rank, { title: `Rank by: ${title}` }));
    });
    const texts = ["Compare", "Run", "By", "State"].map((text) => make("th", { scope: "col" }, text));
    return make("tr", {}, ...texts, ...ranks);
  }

  /** Show the runs, of which there are `total` on the server; `shown` is the id of the one that is watched. */
  show(runs, shown, isInstructor, total) {
    this.runs = runs;
    this.shown = shown;
    this.isInstructor = isInstructor;
    this.total = total;
    this.older.hidden = runs.length >= total;
    this.section.hidden = !runs.length;
    this.section.querySelectorAll("thead button").forEach((button, index) => {
      button.parentElement.ariaSort = index !== this.ranked ? "none" : Board.COLUMNS[index][2] ? "ascending" : "descending";
    });
    const body = this.section.querySelector("tbody");
    const rows = this.sort(runs).map((run) => this.rows.get(run.run) ?? this.makeRow(run));
    this.rows = new Map(rows.map((row) => [row.dataset.run, row]));
    for (const run of runs) this.fill(this.rows.get(run.run), run);
    // Only then: a row that is taken out and put back loses the focus, and a click that has begun on it.
    if (rows.length !== body.rows.length || rows.some((row, index) => row !== body.rows[index])) body.replaceChildren(...rows);
  }

  sort(runs) {
    const [, value, isLowestFirst] = Board.COLUMNS[this.ranked];
    const rank = (run) => (isLowestFirst ? 1 : -1) * (value(run) ?? (isLowestFirst ? Infinity : -Infinity));
    const order = (run) => (run.state === "running" ? -1 : (run.place ?? Infinity));
    const live = runs.filter(isLive).sort((a, b) => order(a) - order(b));
    const over = runs.filter((run) => !isLive(run)).sort((a, b) => rank(a) - rank(b) || b.number - a.number);
    return [...live, ...over];
  }

  makeRow(run) {
    const tick = make("input", { type: "checkbox", checked: this.compared.has(run.run), ariaLabel: `Compare ${nameOf(run)}` });
    tick.addEventListener("change", () => this.toggle(run.run, tick.checked));
    const name = makeButton(nameOf(run), () => this.choose(run.run), { className: "name" });
    const state = [make("span", { className: "state" }), make("span", { className: "actions" })];
    const texts = Array.from({ length: Board.COLUMNS.length }, () => make("td", { className: "value" }));
    const cells = [[tick], [name], [run.nickname], state].map((content) => make("td", {}, ...content));
    const row = make("tr", {}, ...cells, ...texts);
    row.dataset.run = run.run;
    return row;
  }

  /** Write into a run's row what may have changed: most have not, and a board may be long. */
  fill(row, run) {
    const isShown = run.run === this.shown;
    const { filled } = row;
    if (filled?.run === run && filled.isShown === isShown && filled.isInstructor === this.isInstructor) return;
    row.filled = { run, isShown, isInstructor: this.isInstructor };
    const actions = this.isInstructor ? Board.actionsOn(run) : [];
    if (row.className !== run.state || row.querySelectorAll(".actions button").length !== actions.length) {
      row.className = run.state;
      row.querySelector(".actions").replaceChildren(
        ...actions.map(([text, title, action, value]) =>
          makeButton(text, () => this.act(run.run, action, value), { title, ariaLabel: title }),
        ),
      );
    }
    row.querySelector(".name").ariaPressed = isShown;
    setText(row.querySelector(".state"), Board.stateOf(run));
    const [accuracy, ...times] = Board.COLUMNS.slice(0, 4).map(([, value]) => value(run));
    const texts = [percent(accuracy), ...times.map(seconds), run.parameters === null ? "–" : wholeNumber(run.parameters)];
    row.querySelectorAll(".value").forEach((cell, index) => setText(cell, texts[index]));
  }

  /** Return what the instructor may do with a run, each as text, title, action and its value. */
  static actionsOn(run) {
    const actions = [];
    if (run.state === "queued") actions.push(["↑", "Let it begin first", "move", 0]);
    if (isLive(run)) actions.push(["■", "Stop it", "stop"]);
    if (run.state !== "running") actions.push(["✕", "Remove it", "remove"]);
    return actions;
  }

  toggle(id, isCompared) {
    if (isCompared) this.compared.add(id);
    else this.compared.delete(id);
    this.compare([...this.compared]);
  }

  static stateOf(run) {
    if (run.state === "queued") return run.place ? `waits, place ${run.place}` : "begins";
    if (run.paused) return "pauses";
    if (run.state !== "running") return run.state;
    return run.epoch === run.epochs ? "being measured" : `epoch ${(run.epoch ?? 0) + 1} of ${run.epochs}`;
  }
}
