import assert from "node:assert/strict";
import { test } from "node:test";

import { Stage } from "../../mnist_demo/ui/components/run_view/stage.js";
import { makeRun } from "./runs.js";

const HOLD = 12_000;

/** Return the number of the run that a stage picks. */
const pick = (stage, runs, now = 0) => stage.pick(new Map(runs.map((run) => [run.run, run])), now)?.number;
const running = (number, changes) => makeRun(number, { state: "running", ...changes });
const queued = (number, place) => makeRun(number, { state: "queued", place, events: 0 });

test("without runs there is none to show", () => {
  assert.equal(pick(new Stage(), []), undefined);
});

test("the one that trains is shown, or else the newest that has ended", () => {
  assert.equal(pick(new Stage(), [makeRun(1), running(2), queued(3, 1)]), 2);
  assert.equal(pick(new Stage(), [makeRun(1), makeRun(2)]), 2);
  assert.equal(pick(new Stage(), [queued(1, 0)]), 1);
});

test("the first run is shown at once", () => {
  assert.equal(pick(new Stage(), [running(1, { events: 0 })]), 1);
});

test("between two runs the one that has ended stays until the next has its first point", () => {
  const stage = new Stage();
  pick(stage, [running(1), queued(2, 1), queued(3, 2)]);
  assert.equal(pick(stage, [makeRun(1), queued(2, 0), queued(3, 1)]), 1);
  assert.equal(pick(stage, [makeRun(1), running(2, { events: 0 }), queued(3, 1)]), 1);
  assert.equal(pick(stage, [makeRun(1), running(2, { events: 2 }), queued(3, 1)]), 2);
});

test("what has ended last is shown, also where the instructor has changed the order", () => {
  const stage = new Stage();
  pick(stage, [queued(1, 1), running(2)]);
  pick(stage, [running(1), makeRun(2)]);
  assert.equal(pick(stage, [makeRun(1), makeRun(2), queued(3, 0)]), 1);
});

test("a projector holds a result for a while, although the next run trains", () => {
  const stage = new Stage(HOLD);
  pick(stage, [running(1), queued(2, 1)], 0);
  assert.equal(pick(stage, [makeRun(1), running(2)], 1_000), 1);
  assert.equal(pick(stage, [makeRun(1), running(2)], 12_900), 1);
  assert.equal(pick(stage, [makeRun(1), running(2)], 13_100), 2);
});

test("what had ended before the page was opened is not held", () => {
  assert.equal(pick(new Stage(HOLD), [makeRun(1), running(2)]), 2);
});

test("a held run that is removed goes at once", () => {
  const stage = new Stage(HOLD);
  pick(stage, [makeRun(1), running(2), queued(3, 1)]);
  pick(stage, [makeRun(1), makeRun(2), running(3)]);
  assert.equal(pick(stage, [makeRun(1), running(3)]), 3);
});

test("older runs that are asked for later are not news", () => {
  const stage = new Stage(HOLD);
  pick(stage, [makeRun(5), running(6)]);
  assert.equal(pick(stage, [makeRun(1), makeRun(5), running(6)]), 6);
});

test("what the visitor has chosen stays, until it is removed", () => {
  const stage = new Stage(HOLD);
  stage.chosen = "run1";
  assert.equal(pick(stage, [makeRun(1), running(2)]), 1);
  assert.equal(pick(stage, [running(2)]), 2);
});
