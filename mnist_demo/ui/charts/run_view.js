/**
 * Training runs as they happen. Gradio calls this text with `element`, `props`, `trigger` and `watch`.
 *
 * The server holds the record; this script asks for what is new, a few times a second while the page is visible and
 * a run is live. So a reload, a second screen and fifty visitors all see the same run.
 */

const LIVE_INTERVAL = 200; // ms between two questions while a run is live
const IDLE_INTERVAL = 2000; // ms while none is

const find = (selector) => element.querySelector(selector);
const backend = new Server();
const chart = new LiveChart(find("#train-chart canvas"), find(".tooltip"));
const reading = new LiveReading(find(".reading"), backend);
const results = new Results(find(".results"), backend);
const steering = new Steering(find(".steering"), (action, value) => act(shown.run, action, value));
const board = new Board(find(".board"), { choose, compare, act });
const instructor = new Instructor(find(".instructor"), backend, { changed: forget, say });

const runs = new Map(); // the server's list, by id, oldest first
let version = 0; // of that list
let asker = 0; // grows when who asks is another
let chosen = ""; // the run that the visitor has picked; "" follows whatever is newest
let shown = null; // the entry of `runs` that is on the page
let curve = null; // what the chart shows of it
let compared = []; // Curves of other runs
let timer = null;
let isAsking = false; // two answers at once would both be added
let isWanted = false; // something has happened in the meantime: ask again at once

// --- Asking the server --------------------------------------------------------------------------------------------

/** Ask what is new and show it; return whether the answer was to another question than what is now to be shown. */
async function refresh() {
  const askedBy = asker;
  const answer = await backend.send("live", {
    since: version,
    run: curve?.id ?? "",
    after: curve?.known ?? 0,
    snapshot: reading.snapshot,
    pixels: reading.pixels,
  });
  if (askedBy !== asker) return true;
  version = answer.version;
  if (answer.removed === null) runs.clear();
  for (const id of answer.removed ?? []) runs.delete(id);
  for (const run of answer.runs) runs.set(run.run, run);
  if (answer.room) instructor.show(answer.room);
  if (chooseShown()) return true;
  for (const event of answer.events ?? []) addEvent(event);
  await Promise.all([reading.show(answer.reading), ...compared.map(catchUp)]);
  render();
  return false;
}

/** Decide which run is on the page; return whether it is another one than before, or the same that has gone on. */
function chooseShown() {
  const all = [...runs.values()];
  shown = runs.get(chosen) ?? all.find((run) => run.state === "running") ?? all.at(-1) ?? null;
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
  for (const event of await backend.ask(`runs/${other.id}/events?after=${other.known}`)) other.add(event);
  chart.draw();
}

/** Refresh, and again after a while; only one such loop goes on. */
async function poll() {
  clearTimeout(timer);
  isWanted = isAsking;
  if (isAsking || !element.isConnected) return;
  isAsking = true;
  try {
    const isVisible = document.visibilityState === "visible" && element.offsetParent !== null;
    if (isVisible && (await refresh())) isWanted = true;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    isWanted = false; // a server that is in trouble is not asked more often
    find("#train-status").textContent = "The server does not answer. Trying again …";
  } finally {
    isAsking = false;
    timer = setTimeout(poll, isWanted ? 0 : [...runs.values()].some(isLive) ? LIVE_INTERVAL : IDLE_INTERVAL);
  }
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
  poll();
}

/** Ask for everything anew: who asks is another now. */
function forget() {
  asker += 1;
  version = 0;
  poll();
}

function say(text) {
  const notice = find(".notice");
  notice.textContent = text;
  notice.hidden = !text;
}

// --- Showing a run ------------------------------------------------------------------------------------------------

function choose(run) {
  chosen = run;
  poll();
}

function compare(ids) {
  compared = ids.map((id) => compared.find((other) => other.id === id) ?? new Curve(runs.get(id)));
  showCurves();
  poll();
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
  if (event.event === "ended" && event.weights) showResults(event);
  chart.draw();
}

function addRow({ epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds }) {
  const loss = (value) => (value === null ? "–" : value.toFixed(4));
  const texts = [epoch, loss(train_loss), percent(train_accuracy), loss(test_loss), percent(test_accuracy), seconds.toFixed(1)];
  find("#train-table tbody").append(make("tr", {}, ...texts.map((text) => make("td", {}, `${text}`))));
}

async function showResults(ended) {
  try {
    await results.show(shown, ended);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    say("What the network does with the test images did not come; reload the page to see it.");
  }
}

function render() {
  props.value = { run: shown?.run ?? "", ...backend.visitor };
  board.show([...runs.values()], shown?.run, !instructor.limitsForm.hidden);
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
const listening = new AbortController();
function whileMounted(listener) {
  return (event) => (element.isConnected ? listener(event) : listening.abort());
}
document.addEventListener("visibilitychange", whileMounted(poll), { signal: listening.signal });
document.addEventListener("drawing-read", whileMounted((event) => reading.takeDrawing(event.detail)), { signal: listening.signal });
document.dispatchEvent(new Event("drawing-wanted")); // this tab is made when it is first opened
new IntersectionObserver(poll).observe(element);
props.value = { run: "", ...backend.visitor };
showAddress(find(".address"), backend);
poll();
