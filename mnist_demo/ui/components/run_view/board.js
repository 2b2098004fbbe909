import { make, makeButton, percent, seconds, setText, wholeNumber } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";
import { isLive, nameOf, stateOf } from "./wording.js";

/**
 * @import { Act, Run } from "./types.js"
 *
 * @typedef {object} Column - a number of every run
 * @property {string} title
 * @property {(run: Run) => number | null | undefined} value
 * @property {(run: Run) => string} text
 * @property {boolean} [isLowestFirst] how it is ranked
 *
 * @typedef {object} BoardListeners
 * @property {(id: string) => void} choose
 * @property {(run: Run, isCompared: boolean) => void} compare
 * @property {Act} act
 * @property {() => void} showOlder
 *
 * @typedef {object} BoardState
 * @property {Run[]} runs
 * @property {number} total - runs that the server has
 * @property {string} shown - the id of the one that is watched
 * @property {Set<string>} compared - ids
 * @property {boolean} isInstructor
 *
 * @typedef {object} Row
 * @property {HTMLTableRowElement} element
 * @property {HTMLButtonElement} name
 * @property {HTMLElement} state
 * @property {HTMLElement} actions
 * @property {HTMLElement[]} values
 * @property {string} filled - what was written into it
 */

/**
 * All runs in a table: those that train and wait first, then the others, ranked by whatever column was chosen. A name
 * chooses the run that is shown, a tick lays its curves over those of the others.
 */
export class Board {
  /** @type {Column[]} */
  static COLUMNS = [
    { title: "Test accuracy", value: (run) => run.test_accuracy, text: (run) => percent(run.test_accuracy) },
    ...["97", "98", "99"].map((mark) => ({
      title: `To ${mark}%`,
      value: (/** @type {Run} */ run) => run.reached[mark],
      text: (/** @type {Run} */ run) => seconds(run.reached[mark]),
      isLowestFirst: true,
    })),
    {
      title: "Parameters",
      value: (run) => run.parameters,
      text: (run) => (run.parameters === null ? "–" : wholeNumber(run.parameters)),
      isLowestFirst: true,
    },
  ];

  /**
   * @param {HTMLElement} section
   * @param {BoardListeners} listeners
   */
  constructor(section, listeners) {
    this.section = section;
    this.listeners = listeners;
    this.ranked = Board.COLUMNS[0];
    /** @type {BoardState} */
    this.state = { runs: [], total: 0, shown: "", compared: new Set(), isInstructor: false };
    /** @type {Map<string, Row>} */
    this.rows = new Map(); // by the run's id
    this.heads = Board.COLUMNS.map((column) => this.makeHead(column));
    const texts = ["Compare", "Run", "State"].map((text) => make("th", { scope: "col" }, text));
    const actions = make("th", { scope: "col", className: "actions" }, "Actions");
    find(section, "thead").append(make("tr", {}, ...texts, ...this.heads, actions));
    this.body = /** @type {HTMLTableSectionElement} */ (find(section, "tbody"));
    this.isPressed = false;
    // Only the main button: behind a context menu it may never be heard that another was released.
    this.body.addEventListener("pointerdown", ({ button }) => (this.isPressed = button === 0));
    for (const type of ["pointerup", "pointercancel"]) listenWhileMounted(section, type, () => this.release());
    this.older = find(section, ".older");
    this.older.addEventListener("click", listeners.showOlder);
  }

  /** @param {Column} column */
  makeHead(column) {
    const rank = () => {
      this.ranked = column;
      this.show(this.state);
    };
    return make("th", { scope: "col" }, makeButton(column.title, rank, { title: `Rank by: ${column.title}` }));
  }

  /** Show what has come in while a row was pressed, once its click has been heard. */
  release() {
    if (!this.isPressed) return;
    this.isPressed = false;
    setTimeout(() => this.show(this.state));
  }

  /** @param {BoardState} state */
  show(state) {
    this.state = state;
    if (this.isPressed) return; // a row that moves away under the pointer would never hear the click
    const { runs, total, isInstructor } = state;
    this.older.hidden = runs.length >= total;
    this.section.hidden = !runs.length;
    this.section.classList.toggle("steered", isInstructor);
    Board.COLUMNS.forEach((column, index) => {
      const order = column.isLowestFirst ? "ascending" : "descending";
      this.heads[index].ariaSort = column === this.ranked ? order : "none";
    });
    const sorted = Board.sort(runs, this.ranked);
    this.rows = new Map(sorted.map((run) => [run.run, this.rows.get(run.run) ?? this.makeRow(run)]));
    for (const run of runs) this.fill(run);
    const elements = sorted.map((run) => this.rowOf(run).element);
    // Only then: a row that is taken out and put back loses the focus, and a click that has begun on it.
    const { rows } = this.body;
    if (elements.length !== rows.length || elements.some((row, index) => row !== rows[index])) this.body.replaceChildren(...elements);
  }

  /**
   * Return runs as they stand on the board: live ones in the order of the queue, then the others by a column.
   * @param {Run[]} runs
   * @param {Column} column
   */
  static sort(runs, { value, isLowestFirst }) {
    const last = isLowestFirst ? Infinity : -Infinity;
    const rank = (/** @type {Run} */ run) => (isLowestFirst ? 1 : -1) * (value(run) ?? last);
    const order = (/** @type {Run} */ run) => (run.state === "running" ? -1 : (run.place ?? Infinity));
    const live = runs.filter(isLive).sort((a, b) => order(a) - order(b));
    const over = runs.filter((run) => !isLive(run));
    over.sort((a, b) => (rank(a) === rank(b) ? b.number - a.number : rank(a) - rank(b)));
    return [...live, ...over];
  }

  /** @param {Run} run @returns {Row} */
  rowOf(run) {
    return /** @type {Row} */ (this.rows.get(run.run));
  }

  /** @param {Run} run @returns {Row} */
  makeRow(run) {
    const checked = this.state.compared.has(run.run);
    const tick = make("input", { type: "checkbox", checked, ariaLabel: `Compare ${nameOf(run)}` });
    tick.addEventListener("change", () => this.listeners.compare(run, tick.checked));
    const title = nameOf(run);
    const name = makeButton(title, () => this.listeners.choose(run.run), { className: "name", title });
    // The click is this button's, wherever what appears above moves it in the meantime.
    name.addEventListener("pointerdown", ({ pointerId }) => name.setPointerCapture(pointerId));
    const [state, actions] = [make("td", { className: "state" }), make("td", { className: "actions" })];
    const values = Board.COLUMNS.map(() => make("td", { className: "value" }));
    const by = make("span", { className: "by", title: run.nickname }, run.nickname && `by ${run.nickname}`);
    const cells = [make("td", {}, tick), make("td", {}, name, by), state];
    return { element: make("tr", {}, ...cells, ...values, actions), name, state, actions, values, filled: "" };
  }

  /**
   * Write into a run's row what may have changed: most have not, and a board may be long.
   * @param {Run} run
   */
  fill(run) {
    const { shown, isInstructor } = this.state;
    const row = this.rowOf(run);
    const isShown = run.run === shown;
    const filled = JSON.stringify([run, isShown, isInstructor]);
    if (row.filled === filled) return;
    row.filled = filled;
    row.element.className = run.state;
    row.name.ariaPressed = `${isShown}`;
    setText(row.state, stateOf(run));
    Board.COLUMNS.forEach((column, index) => setText(row.values[index], column.text(run)));
    this.offer(row, run, isInstructor ? Board.actionsOn(run) : []);
  }

  /** @param {Row} row @param {Run} run @param {{ action: string, text: string, title: string }[]} actions */
  offer({ actions: cell }, run, actions) {
    if (cell.textContent === actions.map(({ text }) => text).join("")) return; // a click on them may have begun
    const buttons = actions.map(({ action, text, title }) => {
      const act = () => this.listeners.act(run.run, action, 0);
      return makeButton(text, act, { title: `${title}: ${nameOf(run)}`, ariaLabel: `${text} ${nameOf(run)}` });
    });
    cell.replaceChildren(...buttons);
  }

  /**
   * Return what the instructor may do with a run.
   * @param {Run} run
   */
  static actionsOn(run) {
    const first = { action: "move", text: "First", title: "Move to the front of the queue" };
    const stop = { action: "stop", text: "Stop", title: "Stop" };
    const remove = { action: "remove", text: "Remove", title: "Remove, with its weights" };
    if (run.state === "running") return [stop];
    if (run.state === "queued") return run.place ? [first, remove] : [remove];
    return [remove];
  }
}
