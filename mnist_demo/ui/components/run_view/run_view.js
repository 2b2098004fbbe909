import { make, percent, setText, wholeNumber } from "../elements.js";
import { listenWhileMounted } from "../mounting.js";
import { showAddress } from "./address.js";
import { Board } from "./board.js";
import { LiveChart } from "./chart/chart.js";
import { Curve, isLive } from "./chart/curve.js";
import { Instructor } from "./instructor.js";
import { LiveReading } from "./live_reading.js";
import { Poller } from "./poller.js";
import { Results } from "./results.js";
import { NoAnswer, Refused, Server } from "./server.js";
import { Steering } from "./steering.js";

/**
 * Training runs as they happen.
 *
 * The server holds the record; this script asks for what is new, a few times a second while the page is visible and
 * a run is live. So a reload, a second screen and fifty visitors all see the same run.
 */
export function mount({ element, props, trigger, watch }) {
  const find = (selector) => element.querySelector(selector);
  const backend = new Server();
  const chart = new LiveChart(find("#train-chart canvas"), find(".tooltip"));
  const reading = new LiveReading(find(".reading"), backend);
  const results = new Results(find(".results"), backend, say);
  const steering = new Steering(find(".steering"), (action, value) => act(shown.run, action, value));
  const board = new Board(find(".board"), { choose, compare, act, showOlder });
  const instructor = new Instructor(find(".instructor"), backend, forget);

  const runs = new Map(); // the server's list, by id: what is new, and as much of what is older as was wanted
  let version = 0; // of that list
  let total = 0; // runs that the server has
  let edge = 0; // number of a run: what is older has not been asked for
  let isOlderWanted = false;
  let asker = 0; // grows when who asks is another
  let chosen = ""; // the run that the visitor has picked; "" follows whatever is newest
  let shown = null; // the entry of `runs` that is on the page
  let curve = null; // what the chart shows of it
  let compared = []; // Curves of other runs
  const poller = new Poller({
    isMounted: () => element.isConnected,
    isWatched: () => document.visibilityState === "visible" && element.offsetParent !== null,
    isLive: () => [...runs.values()].some(isLive),
    refresh,
    fail: (text) => {
      version = 0; // whatever could not be shown, ask for all of it anew
      setText(find("#train-status"), text);
    },
  });

  // --- Asking the server --------------------------------------------------------------------------------------------

  /** Ask what is new and show it; return whether there is more to ask at once. */
  async function refresh() {
    const askedBy = asker;
    const answer = await backend.send("live", {
      since: version,
      run: curve?.id ?? "",
      after: curve?.known ?? 0,
      snapshot: reading.snapshot,
      pixels: reading.pixels,
      before: isOlderWanted ? edge : 0,
    });
    if (askedBy !== asker) return true;
    if (!Array.isArray(answer.runs)) throw new NoAnswer("The server's answer makes no sense.");
    takeRuns(answer);
    if (answer.room) instructor.show(answer.room);
    if (chooseShown()) return true;
    const { events = [] } = answer;
    for (const event of events) addEvent(event);
    render();
    await Promise.all([reading.show(answer.reading), ...compared.map(catchUp)]);
    return events.length > 0 && curve.known < shown.events; // a long run comes in parts
  }

  /** Bring the list up to date. */
  function takeRuns(answer) {
    ({ version, total } = answer);
    if (answer.removed === null) runs.clear();
    for (const id of answer.removed ?? []) runs.delete(id);
    for (const run of [...(answer.older ?? []), ...answer.runs]) runs.set(run.run, run);
    edge = answer.before ?? edge;
    if (answer.older) isOlderWanted = false;
  }

  /** Decide which run is on the page; return whether it is another one than before, or the same that has gone on. */
  function chooseShown() {
    const newestFirst = [...runs.values()].sort((a, b) => b.number - a.number);
    shown = runs.get(chosen) ?? newestFirst.find((run) => run.state === "running") ?? newestFirst[0] ?? null;
    const isOther = shown?.run !== curve?.id || shown?.resumed !== curve?.resumed;
    if (isOther) reset();
    return isOther;
  }

  /** Fetch what is new of a run that is compared with the one that is shown. */
  async function catchUp(other) {
    const run = runs.get(other.id);
    if (!run) return;
    if (run.resumed !== other.resumed) other.clear(run.resumed);
    if (run.events === other.known) return;
    const events = await backend.ask(`runs/${other.id}/events?after=${other.known}`).catch((error) => {
      if (!(error instanceof Refused)) throw error;
      return []; // it was removed this moment
    });
    for (const event of events) other.add(event);
    chart.draw();
  }

  /** Do something with a run; why that is refused is said. */
  async function act(run, action, value = null) {
    try {
      await backend.send(`runs/${run}`, { action, value });
      say("");
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
      say(error.message);
    }
    poller.poll();
  }

  /** Ask for everything anew: who asks is another now. */
  function forget() {
    asker += 1;
    version = 0;
    poller.poll();
  }

  function say(text) {
    const notice = find(".notice");
    notice.textContent = text;
    notice.hidden = !text;
  }

  // --- Showing a run ------------------------------------------------------------------------------------------------

  function choose(run) {
    chosen = run;
    poller.poll();
  }

  function showOlder() {
    isOlderWanted = true;
    poller.poll();
  }

  function compare(ids) {
    compared = ids.map((id) => compared.find((other) => other.id === id) ?? new Curve(runs.get(id)));
    showCurves();
    poller.poll();
  }

  function reset() {
    curve = shown && new Curve(shown);
    find("#train-table tbody").replaceChildren();
    reading.clear();
    reading.section.hidden = true;
    results.clear();
    say("");
    showCurves();
  }

  /** Show the run, and those it is compared with, on the chart and in its legend. */
  function showCurves() {
    const others = compared.filter((other) => other.id !== curve?.id && runs.has(other.id));
    const curves = curve ? [curve, ...others] : others;
    chart.setCurves(curves);
    const single = [
      ["train-loss", "Training loss"],
      ["test-loss", "Test loss"],
      ["test-accuracy", "Test accuracy"],
    ].map(([className, text]) => make("li", { className }, text));
    const several = curves.map(({ id, label }) => {
      const item = make("li", {}, label);
      item.style.setProperty("--curve", chart.colorOf(id));
      return item;
    });
    find(".legend").replaceChildren(...(curves.length > 1 ? [...several, make("li", { className: "note" }, "dashed: test loss")] : single));
  }

  function addEvent(event) {
    curve.add(event);
    if (event.event === "epoch") addRow(event);
    if (event.event === "ended" && event.weights) results.show(shown, event);
    chart.draw();
  }

  function addRow({ epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds }) {
    const loss = (value) => (value === null ? "–" : value.toFixed(4));
    const texts = [epoch, loss(train_loss), percent(train_accuracy), loss(test_loss), percent(test_accuracy), seconds.toFixed(1)];
    find("#train-table tbody").append(make("tr", {}, ...texts.map((text) => make("td", {}, `${text}`))));
  }

  function render() {
    props.value = { run: shown?.run ?? "", ...backend.visitor };
    board.show([...runs.values()], shown?.run, !instructor.limitsForm.hidden, total);
    steering.show(shown);
    setText(find("#train-status"), shown ? describe(shown) : "No run yet. Choose a recipe and press Start.");
    const { batch, epoch } = curve ?? {};
    const done = batch ? batch.examples_seen / curve.length : 0;
    const isTraining = shown && isLive(shown) && !shown.paused;
    const left = batch && isTraining ? Math.ceil((curve.length - batch.examples_seen) / batch.examples_per_second) : null; // s
    const facts = {
      epoch: epoch ? `${batch && isLive(shown) ? batch.epoch : epoch.epoch} of ${shown.epochs}` : "–",
      examples: batch ? wholeNumber(batch.examples_seen) : "–",
      speed: batch ? wholeNumber(batch.examples_per_second) : "–",
      left: left === null ? "–" : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`,
      accuracy: percent(curve?.testedSoFar?.[1] ?? epoch?.test_accuracy),
    };
    for (const [name, text] of Object.entries(facts)) setText(find(`[data-fact=${name}]`), text);
    find(".progress").setAttribute("aria-valuenow", Math.round(100 * done));
    find(".progress i").style.width = `${100 * done}%`;
    chart.canvas.setAttribute("aria-label", chart.describe());
  }

  function describe(run) {
    const name = `${run.name ? `${run.name} · ` : ""}Run ${run.number} · ${run.recipe}${run.nickname ? ` · by ${run.nickname}` : ""}`;
    if (run.state === "queued") return `${name} · waits, ${run.place} ${run.place === 1 ? "run" : "runs"} before it`;
    if (run.paused) return `${name} · pauses`;
    if (run.state === "running") return `${name} · ${describeWork()}`;
    return `${name} · ${run.state}${run.state === "failed" || run.message.includes("instructor") ? `: ${run.message}` : ""}`;
  }

  /** Say what the run that is shown does at the moment. */
  function describeWork() {
    if (curve.evaluation) return curve.evaluation.split === "test" ? "being tested" : "being measured on the training images";
    return curve.epoch ? `training on ${curve.started.device}` : "starting";
  }

  // --- Gradio -------------------------------------------------------------------------------------------------------

  find(".use").addEventListener("click", () => trigger("use"));
  watch("value", () => typeof props.value === "string" && props.value && choose(props.value));
  listenWhileMounted(element, "visibilitychange", () => poller.poll());
  listenWhileMounted(element, "drawing-read", (event) => reading.takeDrawing(event.detail));
  document.dispatchEvent(new Event("drawing-wanted")); // this tab is made when it is first opened
  new IntersectionObserver(() => poller.poll()).observe(element);
  props.value = { run: "", ...backend.visitor };
  showAddress(find(".address"), backend);
  poller.poll();
}
