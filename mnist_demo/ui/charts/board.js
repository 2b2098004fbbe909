/**
 * All runs in a table: those that train and wait first, then the others, ranked by whatever column was chosen. A name
 * chooses the run that is shown, a tick lays its curves over those of the others.
 */
class Board {
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
   * @param {{choose, compare, act}} listeners choose(id), compare(ids), act(id, action, value)
   */
  constructor(section, { choose, compare, act }) {
    this.section = section;
    this.choose = choose;
    this.compare = compare;
    this.act = act;
    this.compared = new Set();
    this.ranked = 0; // index of a column
    this.runs = [];
    this.drawn = "";
    this.section.querySelector("thead").append(this.makeHead());
  }

  makeHead() {
    const ranks = Board.COLUMNS.map(([title], index) => {
      const rank = () => {
        this.ranked = index;
        this.show(this.runs, this.shown, this.isInstructor);
      };
      return make("th", { scope: "col" }, makeButton(title, rank, { title: `Rank by: ${title}` }));
    });
    const texts = ["Compare", "Run", "By", "State"].map((text) => make("th", { scope: "col" }, text));
    return make("tr", {}, ...texts, ...ranks);
  }

  /** Show the runs; `shown` is the id of the one that is watched. */
  show(runs, shown, isInstructor) {
    this.runs = runs;
    this.shown = shown;
    this.isInstructor = isInstructor;
    // Several times a second nothing has changed that stands here.
    const state = JSON.stringify([runs, shown, isInstructor, this.ranked, [...this.compared]]);
    if (state === this.drawn) return;
    this.drawn = state;
    this.section.hidden = !runs.length;
    this.section.querySelectorAll("thead button").forEach((button, index) => {
      button.parentElement.ariaSort = index !== this.ranked ? "none" : Board.COLUMNS[index][2] ? "ascending" : "descending";
    });
    this.section.querySelector("tbody").replaceChildren(...this.sort(runs).map((run) => this.makeRow(run)));
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
    const tick = make("input", { type: "checkbox", checked: this.compared.has(run.run) });
    tick.setAttribute("aria-label", `Compare ${nameOf(run)}`);
    tick.addEventListener("change", () => this.toggle(run.run, tick.checked));
    const name = makeButton(nameOf(run), () => this.choose(run.run), { className: "name" });
    name.setAttribute("aria-pressed", run.run === this.shown);
    const [accuracy, ...times] = Board.COLUMNS.slice(0, 4).map(([, value]) => value(run));
    const texts = [run.nickname, Board.stateOf(run), percent(accuracy), ...times.map(seconds)];
    texts.push(run.parameters === null ? "–" : wholeNumber(run.parameters));
    const cells = texts.map((text) => make("td", {}, text));
    if (this.isInstructor) cells[1].append(this.makeActions(run));
    return make("tr", { className: run.state }, make("td", {}, tick), make("td", {}, name), ...cells);
  }

  makeActions(run) {
    const actions = make("span", { className: "actions" });
    const add = (text, title, action, value) => {
      actions.append(makeButton(text, () => this.act(run.run, action, value), { title, ariaLabel: title }));
    };
    if (run.state === "queued") add("↑", "Let it begin first", "move", 0);
    if (isLive(run)) add("■", "Stop it", "stop");
    if (run.state !== "running") add("✕", "Remove it", "remove");
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
    if (run.state === "running") return `epoch ${(run.epoch ?? 0) + 1} of ${run.epochs}`;
    return run.state;
  }
}
