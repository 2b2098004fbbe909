import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { makeFrom } from "./page.js";
import { makeRun } from "./runs.js";

const { Board } = await import("../../mnist_demo/ui/components/run_view/board.js");
const { reasonOf, stateOf, titleOf } = await import("../../mnist_demo/ui/components/run_view/wording.js");

let acts, board;

beforeEach(() => {
  acts = [];
  const section = makeFrom(`<section>
    <table><thead></thead><tbody></tbody></table><button class="older"></button>
  </section>`);
  const note = (...names) => (...values) => acts.push([...names, ...values]);
  board = new Board(section, {
    choose: note("choose"),
    compare: (run, isCompared) => acts.push(["compare", run.run, isCompared]),
    act: note("act"),
    showOlder: note("older"),
  });
});

const show = (runs, changes = {}) =>
  board.show({ runs, total: runs.length, shown: "", compared: new Set(), isInstructor: false, ...changes });
const rows = () => [...board.body.rows];
const names = () => rows().map((row) => row.querySelector(".name").textContent.match(/Run (\d+)/)[1]);
const actions = () => rows().map((row) => [...row.querySelectorAll(".actions button")].map((button) => button.textContent));
const rankBy = (title) => [...board.section.querySelectorAll("thead button")].find((b) => b.textContent === title).click();

test("live runs come first, in the order of the queue, then the most accurate", () => {
  show([
    makeRun(1, { test_accuracy: 0.9 }),
    makeRun(2, { test_accuracy: 0.97 }),
    makeRun(3, { state: "queued", place: 2 }),
    makeRun(4, { state: "running" }),
    makeRun(5, { state: "queued", place: 1 }),
    makeRun(6, { state: "failed", test_accuracy: null }),
  ]);
  assert.deepEqual(names(), ["4", "5", "3", "2", "1", "6"]);
});

test("runs are ranked by the column that is clicked, lowest first where less is better", () => {
  const at = (seconds) => ({ reached: { 97: seconds } });
  show([makeRun(1, at(5)), makeRun(2), makeRun(3, at(2))]);
  rankBy("To 97%");
  assert.deepEqual(names(), ["3", "1", "2"]);
  assert.equal(board.heads[1].getAttribute("aria-sort"), "ascending");
  assert.equal(board.heads[0].getAttribute("aria-sort"), "none");
  rankBy("Test accuracy");
  assert.deepEqual(names(), ["3", "2", "1"]); // as good as one another: the newest first
});

test("a run that has not reached a mark, and one without figures, show a dash", () => {
  show([makeRun(1, { reached: {}, test_accuracy: null, parameters: null })]);
  assert.deepEqual([...rows()[0].querySelectorAll(".value")].map((cell) => cell.textContent), ["–", "–", "–", "–", "–"]);
});

test("only the instructor has buttons, and those that a run is ready for", () => {
  const runs = [
    makeRun(1, { state: "running" }),
    makeRun(2, { state: "queued", place: 1 }),
    makeRun(3, { state: "queued", place: 0 }),
    makeRun(4),
  ];
  show(runs);
  assert.deepEqual(actions(), [[], [], [], []]);
  show(runs, { isInstructor: true });
  assert.deepEqual(actions(), [["Stop"], ["Remove"], ["First", "Remove"], ["Remove"]]);
  rows()[2].querySelector(".actions button").click();
  assert.deepEqual(acts, [["act", "run2", "move", 0]]);
  show(runs);
  assert.deepEqual(actions(), [[], [], [], []]);
});

test("rows stay in place while one is pressed, and move once the click has been heard", async () => {
  const press = (type) => rows()[0].querySelector(".name").dispatchEvent(new window.MouseEvent(type, { bubbles: true }));
  const before = [makeRun(1, { test_accuracy: 0.9 }), makeRun(2, { test_accuracy: 0.8 })];
  show(before);
  press("pointerdown");
  show([before[0], makeRun(2, { test_accuracy: 0.99 })]);
  assert.deepEqual(names(), ["1", "2"]);
  press("pointerup");
  rows()[0].querySelector(".name").click();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(acts, [["choose", "run1"]]);
  assert.deepEqual(names(), ["2", "1"]);
});

test("a button stays the same element while its run trains on, so that a slow click counts", () => {
  show([makeRun(1, { state: "running", events: 3 })], { isInstructor: true });
  const button = board.body.querySelector(".actions button");
  show([makeRun(1, { state: "running", events: 4, epoch: 2 })], { isInstructor: true });
  assert.equal(board.body.querySelector(".actions button"), button);
});

test("a tick compares, a name chooses, and what a visitor has typed is text", () => {
  show([makeRun(1, { name: "<b>Run 1</b>" })]);
  const tick = board.body.querySelector("input");
  tick.click();
  board.body.querySelector(".name").click();
  assert.deepEqual(acts, [["compare", "run1", true], ["choose", "run1"]]);
  assert.equal(board.body.querySelector(".name").textContent, "<b>Run 1</b>");
});

test("older runs are offered where the server has more", () => {
  show([makeRun(9)], { total: 9 });
  assert.equal(board.older.hidden, false);
  show([makeRun(9)]);
  assert.equal(board.older.hidden, true);
});

test("where a run stands is said in the words of the field", () => {
  const states = [
    [{ state: "queued", place: 0 }, "queued (next)"],
    [{ state: "queued", place: 2 }, "queued (2 ahead)"],
    [{ state: "running", epoch: null }, "starting"],
    [{ state: "running", epoch: 0 }, "epoch 1 of 3"],
    [{ state: "running", epoch: 3 }, "evaluating"],
    [{ state: "running", paused: true }, "paused"],
    [{ state: "stopped" }, "stopped"],
  ];
  for (const [changes, text] of states) assert.equal(stateOf(makeRun(1, changes)), text);
});

test("why a run has ended is said where it is news", () => {
  assert.equal(reasonOf(makeRun(1)), "");
  assert.equal(reasonOf(makeRun(1, { state: "stopped", message: "The run was stopped." })), "");
  assert.equal(reasonOf(makeRun(1, { state: "stopped", message: "The instructor stopped the run." })), "The instructor stopped the run.");
  assert.equal(titleOf(makeRun(4, { name: "Wide", nickname: "Ada" })), "Wide · Run 4 · mlp-relu · by Ada");
});
