import assert from "node:assert/strict";
import { test } from "node:test";
import { drawStrokes } from "../../mnist_demo/ui/components/draw_pad/strokes.js";

const PEN = 0.065;

/** A canvas context that notes what is called on it. */
function makeContext() {
  const calls = [];
  const note = (name) => (...values) => calls.push([name, ...values]);
  const methods = ["beginPath", "moveTo", "lineTo", "quadraticCurveTo", "arc", "stroke", "fill"];
  return { calls, ...Object.fromEntries(methods.map((name) => [name, note(name)])) };
}

const namesOf = ({ calls }) => calls.map(([name]) => name);

test("a tap is a dot as wide as the pen", () => {
  const context = makeContext();
  drawStrokes(context, [[[0.5, 0.25]]], PEN, "white");
  assert.deepEqual(context.calls, [["beginPath"], ["arc", 0.5, 0.25, PEN / 2, 0, 2 * Math.PI], ["fill"]]);
  assert.equal(context.fillStyle, "white");
});

test("a pen that reports the same place several times leaves a dot too", () => {
  const context = makeContext();
  drawStrokes(context, [[[0.5, 0.25], [0.5, 0.25], [0.5, 0.25]]], PEN, "white");
  assert.deepEqual(namesOf(context), ["beginPath", "arc", "fill"]);
});

test("a line runs from its first point to its last, round the points between", () => {
  const context = makeContext();
  drawStrokes(context, [[[0, 0], [0.5, 0], [0.5, 1]]], PEN, "white");
  assert.deepEqual(context.calls, [
    ["beginPath"],
    ["moveTo", 0, 0],
    ["quadraticCurveTo", 0, 0, 0.25, 0],
    ["quadraticCurveTo", 0.5, 0, 0.5, 0.5],
    ["lineTo", 0.5, 1],
    ["stroke"],
  ]);
  assert.equal(context.lineWidth, PEN);
  assert.equal(context.lineCap, "round");
});

test("strokes are lines of their own", () => {
  const context = makeContext();
  drawStrokes(context, [[[0, 0], [1, 1]], [[0.5, 0.5]]], PEN, "white");
  assert.equal(namesOf(context).filter((name) => name === "beginPath").length, 2);
});
