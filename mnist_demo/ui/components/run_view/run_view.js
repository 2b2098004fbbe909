import { find, listenWhileMounted } from "../mounting.js";
import { Board } from "./board.js";
import { LiveChart } from "./chart/chart.js";
import { Curve } from "./chart/curve.js";
import { Comparison } from "./comparison.js";
import { addEpoch } from "./epochs.js";
import { Instructor } from "./instructor.js";
import { Layers } from "./layers.js";
import { showLegend } from "./legend.js";
import { LiveReading } from "./live_reading.js";
import { Poller } from "./poller.js";
import { Results } from "./results.js";
import { describeLimits } from "./room_limits.js";
import { RunList } from "./run_list.js";
import { readRunAddress, writeRunAddress } from "./run_address.js";
import { HOLD, isScreen, openScreen, showVerdict } from "./screen.js";
import { linkSections, revealChart } from "./sections.js";
import { isTellable, NoAnswer, Server } from "./server.js";
import { Stage } from "./stage.js";
import { Status } from "./status.js";
import { Steering } from "./steering.js";
import { TimeLeft } from "./time_left.js";
import { TimeMachine } from "./time_machine.js";
import { Toast } from "./toast.js";
import { nameOf } from "./wording.js";

/**
 * @import { Component } from "../mounting.js"
 * @import { EndedEvent, LiveAnswer, Run, RunEvent } from "./types.js"
 */

/** @param {Component} component */
export function mount(component) {
  new RunView(component).open();
}

/**
 * Training runs as they happen.
 *
 * The server holds the record; this script asks for what is new, a few times a second while the page is visible and
 * a run is live. So a reload, a second screen and fifty visitors all see the same run.
 */
class RunView {
  /** @param {Component} component */
  constructor({ element, props, trigger, watch }) {
    this.element = element;
    this.props = props;
    this.trigger = trigger;
    this.watch = watch;
    this.view = find(element, ".run");
    this.server = new Server();
    this.list = new RunList();
    this.stage = new Stage(isScreen() ? HOLD : 0);
    this.comparison = new Comparison(this.server);
    this.asker = 0; // grows when who asks is another
    /** @type {Run | null} */
    this.shown = null; // the entry of the list that is on the page
    /** @type {Curve | null} */
    this.curve = null; // what the chart shows of it
    /** @type {TimeLeft | null} */
    this.timeLeft = null; // of it
    /** @type {EndedEvent | null} */
    this.ended = null; // its last event, if it has left weights
    this.poller = new Poller({
      isMounted: () => element.isConnected,
      isWatched: () => document.visibilityState === "visible" && element.offsetParent !== null,
      isLive: () => this.list.isLive,
      refresh: () => this.refresh(),
      fail: (text) => {
        this.list.forget(); // whatever could not be shown, ask for all of it anew
        this.status.say(text);
      },
    });
    const { view, server } = this;
    this.status = new Status(view, isScreen() ? "No run yet." : "No run yet. Choose a recipe and press Start.");
    const canvas = /** @type {HTMLCanvasElement} */ (find(view, "#train-chart canvas"));
    this.chart = new LiveChart(canvas, find(view, ".tooltip"));
    this.reading = new LiveReading(find(view, ".reading"), server, props.classes);
    this.layers = new Layers(find(view, ".inside"));
    this.results = new Results(find(view, ".results"), server, props.classes, (text) => this.say(text));
    this.timeMachine = new TimeMachine(find(view, ".travel"), server, {
      pixels: () => this.reading.pixels,
      show: (past) => this.showPast(past),
      leave: () => this.leavePast(),
      say: (text) => this.say(text),
    });
    this.steering = new Steering(find(view, ".steering"), (action, value) => this.act(this.shown, action, value));
    this.board = new Board(find(view, ".board"), {
      choose: (id) => this.choose(id),
      compare: (run, isCompared) => this.compare(run, isCompared),
      act: (id, action, value) => this.act(this.list.runs.get(id) ?? null, action, value),
      showOlder: () => this.showOlder(),
    });
    const details = /** @type {HTMLDetailsElement} */ (find(view, ".instructor"));
    this.instructor = new Instructor(details, server, () => this.askAnew());
    this.toast = new Toast(find(view, ".toast"));
  }

  /** Begin: listen to the page, and ask the server. */
  open() {
    const { element, props, view, poller } = this;
    linkSections(view);
    if (isScreen()) openScreen(view, this.server);
    find(view, ".use").addEventListener("click", () => this.trigger("use"));
    this.watch("value", () => typeof props.value === "string" && props.value && this.begin(props.value));
    listenWhileMounted(element, "visibilitychange", () => poller.poll());
    listenWhileMounted(element, "drawing-read", (event) => this.reading.takeDrawing(event.detail));
    listenWhileMounted(element, "address-changed", () => this.followAddress());
    this.followAddress();
    document.dispatchEvent(new Event("drawing-wanted")); // this tab is made when it is first opened
    new IntersectionObserver(() => {
      poller.poll();
      if (this.timeMachine.isInPast) this.timeMachine.travel(); // there may be another drawing
    }).observe(element);
    props.value = { run: "", ...this.server.visitor };
    poller.poll();
  }

  // --- Asking the server --------------------------------------------------------------------------------------------

  /** Ask what is new and show it; return whether there is more to ask at once. */
  async refresh() {
    const { asker, list, reading, comparison } = this;
    /** @type {LiveAnswer} */
    const answer = await this.server.send("live", {
      since: list.version,
      run: this.curve?.id ?? "",
      after: this.curve?.known ?? 0,
      snapshot: reading.snapshot,
      pixels: reading.pixels,
      before: list.isOlderWanted ? list.edge : 0,
    });
    if (asker !== this.asker) return true;
    if (!Array.isArray(answer.runs)) throw new NoAnswer("The server's answer makes no sense.");
    const lost = this.takeNews(answer);
    if (this.stage.chosen && !list.runs.has(this.stage.chosen) && list.edge) {
      list.isOlderWanted = true; // a link has led to a run that is further down
      return true;
    }
    const isOther = this.stageRun();
    this.tellRemoved(lost);
    if (isOther) {
      this.render();
      return true;
    }
    const { events = [] } = answer;
    for (const event of events) this.addEvent(event);
    this.render();
    const [, isNew] = await Promise.all([reading.show(answer.reading), comparison.catchUp(list.runs)]);
    if (isNew) this.chart.draw();
    if (answer.reading && !reading.isPast) this.lookInside("now");
    return events.length > 0 && (this.curve?.known ?? 0) < (this.shown?.events ?? 0); // a long run comes in parts
  }

  /** @param {LiveAnswer} answer @returns {Run[]} those that the instructor has removed */
  takeNews(answer) {
    const lost = this.list.take(answer);
    if (answer.room) {
      this.instructor.show(answer.room);
      const limits = find(this.view, ".allowed");
      limits.textContent = describeLimits(answer.room.limits);
      limits.hidden = !limits.textContent;
    }
    if (this.comparison.keepUp(this.list.runs)) this.showCurves();
    return lost;
  }

  /** @param {Run[]} lost runs that the instructor has removed */
  tellRemoved(lost) {
    const own = this.instructor.isInstructor ? [] : lost.filter((run) => run.mine);
    if (own.length) this.say(`The instructor removed ${own.map(nameOf).join(", ")}.`);
  }

  /** Decide which run is on the page; return whether it is another one than before, or the same that has gone on. */
  stageRun() {
    this.shown = this.stage.pick(this.list.runs, performance.now());
    const isOther = this.shown?.run !== this.curve?.id || this.shown?.resumed !== this.curve?.resumed;
    if (isOther) this.reset();
    return isOther;
  }

  /**
   * Do something with a run; why that is refused is said.
   * @param {Run | null} run
   * @param {string} action
   * @param {number | null} [value]
   */
  async act(run, action, value = null) {
    if (!run) return;
    if (action === "remove" && !confirm(`Remove ${nameOf(run)}?`)) return;
    try {
      await this.server.send(`runs/${run.run}`, { action, value });
      this.say("");
      if (action === "remove") this.toast.show(`Removed ${nameOf(run)}.`, () => this.act(run, "restore"));
      if (action === "stop" && run.state === "queued") this.toast.show(`Canceled ${nameOf(run)}.`);
    } catch (error) {
      if (!isTellable(error)) throw error;
      this.say(error.message);
    }
    this.poller.poll();
  }

  /** Ask for everything anew: who asks is another now, or the room is. */
  askAnew() {
    this.asker += 1;
    this.list.forget();
    this.poller.poll();
  }

  /** @param {string} text "" for none */
  say(text) {
    const notice = find(this.view, ".notice");
    notice.textContent = text;
    notice.hidden = !text;
  }

  // --- The address --------------------------------------------------------------------------------------------------

  /** Show the run, and the epoch of it, that the address names. */
  followAddress() {
    const { run, epoch } = readRunAddress();
    if (!run) return;
    const isShown = run === this.shown?.run;
    this.choose(run);
    if (isShown) this.timeMachine.go(epoch);
    else this.timeMachine.wanted = epoch;
  }

  /** Let the address name the run, if the visitor has chosen it or goes back in it; otherwise it follows the room. */
  keepInAddress() {
    const { epoch } = this.timeMachine;
    writeRunAddress(this.stage.chosen || (epoch === null ? "" : (this.shown?.run ?? "")), epoch);
  }

  // --- Showing a run ------------------------------------------------------------------------------------------------

  /** @param {string} run id of one that was started on this page a moment ago */
  begin(run) {
    this.choose(run);
    revealChart(this.view);
  }

  /** @param {string} run its id */
  choose(run) {
    this.stage.chosen = run;
    this.timeMachine.wanted = null;
    this.poller.poll();
  }

  /** @param {import("./time_machine.js").Past} past of the run that is shown */
  showPast(past) {
    if (!this.shown) return;
    this.keepInAddress();
    this.reading.showPast(past.reading);
    this.lookInside(`${past.epoch}`, past.analysis.first_layer);
    this.results.showPast(this.shown, past);
  }

  /**
   * Look into the run that is shown.
   * @param {string} moment - an epoch, or "now"
   * @param {import("./types.js").FirstLayer} [firstLayer] of that moment, if it is known
   */
  lookInside(moment, firstLayer) {
    const { pixels, of } = this.reading.picture;
    if (this.shown && pixels) this.layers.look({ network: `run:${this.shown.run}@${moment}`, pixels, of, firstLayer });
  }

  leavePast() {
    this.reading.leavePast();
    if (this.shown && this.ended) this.results.show(this.shown, this.ended);
    else this.results.clear();
    this.poller.poll();
  }

  showOlder() {
    this.list.isOlderWanted = true;
    this.poller.poll();
  }

  /** @param {Run} run @param {boolean} isCompared */
  compare(run, isCompared) {
    this.comparison.toggle(run, isCompared);
    this.showCurves();
    this.poller.poll();
  }

  reset() {
    this.say("");
    this.curve = this.shown && new Curve(this.shown);
    this.timeLeft = this.shown && new TimeLeft(this.shown.epochs);
    this.ended = null;
    if (this.shown?.run !== this.stage.chosen) this.timeMachine.wanted = null;
    this.timeMachine.reset(this.shown);
    find(this.view, "#train-table tbody").replaceChildren();
    this.reading.clear();
    this.layers.clear();
    this.results.clear();
    this.showCurves();
  }

  /** Show the run, and those it is compared with, on the chart and in its legend. */
  showCurves() {
    const others = this.comparison.curves.filter((other) => other.id !== this.curve?.id);
    this.chart.setCurves(this.curve ? [this.curve, ...others] : others);
    showLegend(find(this.view, ".legend"), this.chart);
  }

  /** @param {RunEvent} event */
  addEvent(event) {
    this.curve?.add(event);
    this.timeLeft?.add(event);
    if (event.event === "epoch") {
      addEpoch(find(this.view, "#train-table tbody"), event);
      this.timeMachine.add(event);
    }
    if (event.event === "ended" && event.weights && this.shown) {
      this.ended = event;
      if (!this.timeMachine.isInPast) this.results.show(this.shown, event);
    }
    this.chart.draw();
  }

  render() {
    const { shown, curve, list } = this;
    const runs = [...list.runs.values()];
    this.props.value = { run: shown?.run ?? "", ...this.server.visitor };
    this.keepInAddress();
    const { isInstructor } = this.instructor;
    this.board.show({ runs, total: list.total, shown: shown?.run ?? "", compared: this.comparison.ids, isInstructor });
    this.steering.show(shown);
    this.status.show(shown, curve, this.timeLeft);
    for (const selector of [".sections", ".log"]) find(this.view, selector).hidden = !shown;
    if (isScreen()) showVerdict(find(this.view, ".verdict"), shown, runs);
    this.chart.canvas.setAttribute("aria-label", this.chart.describe());
  }
}
