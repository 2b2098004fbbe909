import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeLeft } from "../../mnist_demo/ui/components/run_view/time_left.js";
import { batch, epoch, evaluation, STARTED } from "./runs.js";

/** A run of some epochs at a speed, in reports of 3,000 examples, until it has seen so many. */
function follow(timeLeft, seen, speedAt = () => 30_000) {
  timeLeft.add(STARTED);
  timeLeft.add(epoch(0));
  for (let examples = 3_000; examples <= seen; examples += 3_000) {
    timeLeft.add(batch(examples, speedAt(examples)));
    if (examples % 60_000 === 0) timeLeft.add(epoch(examples / 60_000));
  }
  return timeLeft;
}

test("half way through, what is left is the other half with its tests", () => {
  const timeLeft = follow(new TimeLeft(4), 120_000);
  const looked = (2 * 10_000 + 60_000) / 3; // two tests, and the training images at the end, at three times the speed
  assert.ok(Math.abs(timeLeft.estimate - (120_000 + looked) / 30_000) < 1e-9);
});

test("before half a second of training nothing is said", () => {
  assert.equal(follow(new TimeLeft(3), 12_000).read(0), null);
  assert.notEqual(follow(new TimeLeft(3), 15_000).read(0), null);
});

test("a single slow report hardly changes what is shown", () => {
  const timeLeft = follow(new TimeLeft(7), 210_000);
  const before = timeLeft.read(0);
  timeLeft.add(batch(210_500, 2_000)); // a fifteenth of the speed: by that alone, two minutes
  const after = timeLeft.read(250);
  assert.ok(before > 8 && before < 12, `${before}`);
  assert.ok(Math.abs(after - before) < 1, `${before} became ${after}`);
});

test("while reports are uneven, the clock never jumps and never goes up by more than a moment", () => {
  const timeLeft = new TimeLeft(7);
  const shown = [];
  timeLeft.add(STARTED);
  timeLeft.add(epoch(0));
  let now = 0;
  for (let examples = 3_000; examples <= 420_000; examples += 3_000) {
    const speed = [12_000, 45_000, 30_000, 38_000, 60_000][(examples / 3_000) % 5];
    now += 3_000_000 / speed;
    timeLeft.add(batch(examples, speed));
    if (examples % 60_000 === 0) timeLeft.add(epoch(examples / 60_000));
    const left = timeLeft.read(now);
    if (left !== null) shown.push(left);
  }
  const steps = shown.slice(1).map((left, index) => left - shown[index]);
  assert.ok(Math.max(...steps) < 0.5, `up by ${Math.max(...steps)} s`);
  assert.ok(Math.min(...steps) > -1.5, `down by ${-Math.min(...steps)} s`);
  assert.ok(shown.at(-1) < 2, `${shown.at(-1)} s at the end`);
});

test("a run that really gets slower takes longer", () => {
  const timeLeft = follow(new TimeLeft(7), 420_000, (examples) => (examples < 200_000 ? 60_000 : 6_000));
  const steady = follow(new TimeLeft(14), 420_000, (examples) => (examples < 200_000 ? 60_000 : 6_000));
  assert.ok(steady.estimate > 420_000 / 8_000);
  assert.ok(timeLeft.estimate > (60_000 / 3) / 8_000);
});

test("images that a test has looked at are no longer left", () => {
  const timeLeft = follow(new TimeLeft(1), 60_000);
  const before = timeLeft.estimate;
  timeLeft.add(evaluation("train", 1, 45_000, 60_000));
  assert.ok(Math.abs(timeLeft.estimate - before / 4) < 1e-9);
});

test("a pause does not count down", () => {
  const timeLeft = follow(new TimeLeft(7), 60_000);
  const before = timeLeft.read(0);
  timeLeft.pause();
  assert.ok(Math.abs(timeLeft.read(60_000) - before) < 1e-9);
});

test("it is written in minutes and seconds", () => {
  assert.deepEqual([0.2, 14, 59.5, 130].map(TimeLeft.write), ["0:01", "0:14", "1:00", "2:10"]);
});
