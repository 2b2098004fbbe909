/**
 * A training run as it happens. Gradio calls this text with `element`, `props`, `trigger` and `watch`.
 *
 * The server holds the record; this script asks for what is new, a few times a second while the page is visible and
 * a run is live. So a reload, a second screen and fifty visitors all see the same run.
 */

const LIVE_INTERVAL = 200; // ms between two questions while a run is live
const IDLE_INTERVAL = 2000; // ms while none is

const find = (selector) => element.querySelector(selector);
const chart = new LiveChart(find("#train-chart canvas"), find(".tooltip"));

let runs = []; // the server's list, oldest first
let chosen = ""; // the run that the visitor has picked; "" follows whatever is newest
let shown = null; // the entry of `runs` that is on the page
let events = []; // of the run that is shown, as far as known
let started = null; // the event of that name, which tells the size of an epoch
let timer = null;
let isAsking = false; // two answers at once would both be added

// --- Asking the server --------------------------------------------------------------------------------------------

class NoAnswer extends Error {}

// Addresses are relative: behind a proxy or in a Space a prefix stands before them.
async function ask(address) {
  const response = await fetch(address).catch((error) => {
    throw new NoAnswer(error.message);
  });
  if (!response.ok) throw new NoAnswer(`${address}: ${response.status}`);
  return response.json();
}

async function refresh() {
  const asked = chosen;
  runs = await ask("runs");
  // A server that was started anew does not know the run; one that was asked too early does not know it yet.
  if (chosen === asked && !runs.some((run) => run.run === chosen)) chosen = "";
  const next = runs.find((run) => run.run === chosen) ?? runs.find((run) => run.state === "running") ?? runs.at(-1);
  if (next?.run !== shown?.run) reset();
  shown = next ?? null;
  if (shown && shown.events > events.length) {
    const fresh = await ask(`runs/${shown.run}/events?after=${events.length}`);
    events.push(...fresh);
    fresh.forEach(addToChart);
  }
  render();
}

/** Refresh, and again after a while; only one such loop goes on. */
async function poll() {
  clearTimeout(timer);
  timer = null;
  if (isAsking || !element.isConnected) return;
  isAsking = true;
  try {
    if (document.visibilityState === "visible" && element.offsetParent !== null) await refresh();
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    find("#train-status").textContent = "The server does not answer. Trying again …";
  } finally {
    isAsking = false;
    const isCurrent = !chosen || chosen === shown?.run;
    timer = setTimeout(poll, !isCurrent ? 0 : runs.some(isLive) ? LIVE_INTERVAL : IDLE_INTERVAL);
  }
}

function isLive(run) {
  return run.state === "queued" || run.state === "running";
}

function reset() {
  events = [];
  started = null;
  chart.clear();
  find("tbody").replaceChildren();
  find(".results").hidden = true;
  find(".grids").replaceChildren();
}

function choose(run) {
  chosen = run;
  poll();
}

// --- Showing a run ------------------------------------------------------------------------------------------------

const lastOf = (kind) => events.findLast((event) => event.event === kind);
const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(2)}%`);
const number = (value) => Math.round(value).toLocaleString("en");

function addToChart(event) {
  if (event.event === "started") {
    started = event;
    chart.length = shown.epochs * started.train_size;
  } else if (event.event === "batch") {
    chart.trainLoss.push([event.examples_seen, event.train_loss]);
  } else if (event.event === "epoch") {
    chart.testLoss.push([event.epoch * started.train_size, event.test_loss]);
    chart.testAccuracy.push([event.epoch * started.train_size, event.test_accuracy]);
    addRow(event);
  } else if (event.event === "ended") {
    showResults(event);
  }
  chart.draw();
}

function addRow({ epoch, train_loss, train_accuracy, test_loss, test_accuracy, seconds }) {
  const loss = (value) => (value === null ? "–" : value.toFixed(4));
  const texts = [epoch, loss(train_loss), percent(train_accuracy), loss(test_loss), percent(test_accuracy), seconds.toFixed(1)];
  find("tbody").insertRow().append(
    ...texts.map((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    }),
  );
}

async function showResults({ weights, train_accuracy, test_accuracy }) {
  find(".results").hidden = !weights;
  if (!weights) return;
  const isWhole = train_accuracy !== null;
  find(".final").textContent = isWhole
    ? `Over the whole training set ${percent(train_accuracy)}, over the whole test set ${percent(test_accuracy)}.`
    : "Stopped before its end; what it has learned so far can be used.";
  const { run } = shown;
  try {
    const groups = await ask(`runs/${run}/samples`);
    if (run === shown?.run) showSamples(find(".grids"), groups);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    if (run === shown?.run) find(".final").textContent += " The test samples did not come; reload the page to see them.";
  }
}

function render() {
  props.value = shown?.run ?? "";
  renderRuns();
  find("#train-status").textContent = shown ? describe(shown) : "No run yet. Choose a recipe and press Start.";
  if (!shown) return;
  const batch = lastOf("batch");
  const epoch = lastOf("epoch");
  const done = batch ? batch.examples_seen / chart.length : 0;
  const left = batch && isLive(shown) ? Math.ceil((chart.length - batch.examples_seen) / batch.examples_per_second) : null; // s
  const facts = {
    epoch: epoch ? `${batch && isLive(shown) ? batch.epoch : epoch.epoch} of ${shown.epochs}` : "–",
    examples: batch ? number(batch.examples_seen) : "–",
    speed: batch ? number(batch.examples_per_second) : "–",
    left: left === null ? "–" : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`,
    accuracy: epoch ? percent(epoch.test_accuracy) : "–",
  };
  for (const [name, text] of Object.entries(facts)) find(`[data-fact=${name}]`).textContent = text;
  find(".progress").setAttribute("aria-valuenow", Math.round(100 * done));
  find(".progress i").style.width = `${100 * done}%`;
}

function describe(run) {
  const name = `Run ${run.number} · ${run.recipe}`;
  if (run.state === "queued") return `${name} · waits, ${run.place} ${run.place === 1 ? "run" : "runs"} before it`;
  if (run.state === "running") return `${name} · ${lastOf("epoch") ? `training on ${started.device}` : "starting"}`;
  return `${name} · ${run.state}${run.state === "failed" ? `: ${lastOf("ended")?.message}` : ""}`;
}

function renderRuns() {
  const list = find(".runs");
  list.hidden = runs.length < 2;
  while (list.children.length < runs.length) {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", () => choose(button.dataset.run));
    list.appendChild(document.createElement("li")).append(button);
  }
  while (list.children.length > runs.length) list.lastChild.remove();
  runs.forEach((run, index) => {
    const button = list.children[index].firstChild;
    button.dataset.run = run.run;
    button.textContent = `${run.number} · ${run.recipe} · ${run.state === "queued" ? `place ${run.place}` : run.state}`;
    button.setAttribute("aria-pressed", run.run === shown?.run);
  });
}

find(".use").addEventListener("click", () => trigger("use"));
watch("value", () => props.value && choose(props.value));
const listening = new AbortController();
document.addEventListener("visibilitychange", () => (element.isConnected ? poll() : listening.abort()), {
  signal: listening.signal,
});
new IntersectionObserver(poll).observe(element);
poll();
