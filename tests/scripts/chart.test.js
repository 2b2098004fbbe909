import assert from "node:assert/strict";
import { test } from "node:test";

import { ChartAxes } from "../../mnist_demo/ui/components/run_view/chart/axes.js";
import { Curve } from "../../mnist_demo/ui/components/run_view/chart/curve.js";
import { ChartTrace } from "../../mnist_demo/ui/components/run_view/chart/trace.js";
import { batch, epoch, evaluation, makeRun, STARTED } from "./runs.js";

const SIZE = { width: 800, height: 400 };

function makeCurve(events, run = makeRun(1)) {
  const curve = new Curve(run);
  for (const event of events) curve.add(event);
  return curve;
}

const axesOf = (...curves) => new ChartAxes(SIZE, 12, curves);

test("a curve has a point for each report and each epoch", () => {
  const curve = makeCurve([STARTED, epoch(0, 0.1), batch(30_000), batch(60_000), epoch(1, 0.92)]);
  assert.deepEqual(curve.trainLoss, [[30_000, 0.5], [60_000, 0.5]]);
  assert.deepEqual(curve.testAccuracy, [[0, 0.1], [60_000, 0.92]]);
  assert.equal(curve.length, 180_000);
  assert.equal(curve.known, 5);
});

test("a test that goes on is a point to come, until it is over", () => {
  const curve = makeCurve([STARTED, evaluation("test", 0, 2_000, 10_000, 0.12)]);
  assert.deepEqual(curve.testedSoFar, [0, 0.12]);
  curve.add(epoch(0, 0.1));
  assert.equal(curve.testedSoFar, null);
  curve.add(evaluation("train", 0, 2_000, 60_000));
  assert.equal(curve.testedSoFar, null);
});

test("where the learning rate was changed is kept", () => {
  const curve = makeCurve([STARTED, { event: "learning_rate", examples_seen: 500, learning_rate: 0.01 }]);
  assert.deepEqual(curve.changes, [500]);
});

test("accuracy starts at the highest floor below all trained points", () => {
  const floor = (...accuracies) => axesOf(makeCurve([STARTED, epoch(0, 0.1), ...accuracies.map((value, i) => epoch(i + 1, value))])).floor;
  assert.equal(floor(), 0);
  assert.equal(floor(0.97, 0.98), 0.95);
  assert.equal(floor(0.951), 0.9); // too near to the floor
  assert.equal(floor(0.85), 0.8);
  assert.equal(floor(0.3), 0);
});

test("the untrained network does not stretch the axis of losses", () => {
  const curve = makeCurve([STARTED, { ...epoch(0), test_loss: 2.3 }, batch(60_000), { ...epoch(1), test_loss: 0.25 }]);
  assert.equal(axesOf(curve).lossStep, 0.1); // five steps to the 0.5 of the training loss
});

test("without any value the axes are those of an untrained network", () => {
  const axes = axesOf();
  assert.ok(axes.lossStep * ChartAxes.STEPS >= ChartAxes.UNTRAINED_LOSS);
  assert.equal(axes.x(0), axes.left);
});

test("examples reach from edge to edge, and back", () => {
  const axes = axesOf(makeCurve([STARTED]));
  assert.equal(axes.x(180_000), axes.right);
  assert.equal(Math.round(axes.examplesAt(axes.x(45_000))), 45_000);
  assert.ok(Math.abs(axes.accuracyY(1) - axes.top) < 1e-9);
  assert.equal(axes.lossY(0), axes.bottom);
});

test("a value far off the scale stays drawable", () => {
  const axes = axesOf(makeCurve([STARTED]));
  assert.ok(Number.isFinite(axes.lossY(1e300)));
  assert.equal(axes.isInside(axes.lossY(1e300)), false);
});

test("a line is gathered by columns, with the lowest and the highest of each", () => {
  const curve = makeCurve([STARTED]);
  curve.trainLoss.push([1, 0.5], [2, 0.9], [3, 0.1], [11, 0.4]);
  const trace = new ChartTrace(curve, "trainLoss");
  trace.gather(10);
  assert.deepEqual(trace.columns.map(({ low, high }) => [low, high]), [[0.1, 0.9], [0.4, 0.4]]);
  curve.trainLoss.push([12, 0.2]);
  trace.gather(10);
  assert.equal(trace.columns.at(-1).low, 0.2);
});

test("the nearest point is found, and none where the line has ended", () => {
  const trace = new ChartTrace(makeCurve([STARTED, epoch(0), epoch(1), epoch(2)]), "testAccuracy");
  assert.equal(trace.nearest(70_000)[0], 60_000);
  assert.equal(trace.nearest(1e9)[0], 120_000);
  assert.equal(trace.at(179_000)[0], 120_000);
  assert.equal(trace.at(180_000), undefined);
});
