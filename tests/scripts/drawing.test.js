import assert from "node:assert/strict";
import { test } from "node:test";
import { Drawing } from "../../mnist_demo/ui/components/draw_pad/drawing.js";

const PICTURE = { ink: "black" };
const OTHER = { ink: "white" };

/** A drawing of two strokes, of two points each. */
function makeDrawing() {
  const drawing = new Drawing();
  for (const x of [0.2, 0.8]) {
    drawing.begin([x, 0]);
    drawing.extend([[x, 1]]);
  }
  return drawing;
}

test("undo takes back one stroke at a time, down to the empty pad", () => {
  const drawing = makeDrawing();
  drawing.undo();
  assert.deepEqual(drawing.state.strokes, [[[0.2, 0], [0.2, 1]]]);
  assert.ok(drawing.canUndo);
  drawing.undo();
  assert.ok(drawing.isEmpty);
  assert.ok(!drawing.canUndo);
  drawing.undo();
  assert.ok(drawing.isEmpty);
});

test("undo brings back what was cleared", () => {
  const drawing = makeDrawing();
  const { strokes } = drawing.state;
  drawing.clear();
  assert.ok(drawing.isEmpty);
  drawing.undo();
  assert.deepEqual(drawing.state.strokes, strokes);
});

test("clearing an empty pad is no action to undo", () => {
  const drawing = new Drawing();
  drawing.clear();
  assert.ok(!drawing.canUndo);
});

test("undo brings back the picture, and what was drawn over it, that another one replaced", () => {
  const drawing = new Drawing();
  drawing.lay(PICTURE);
  drawing.begin([0.5, 0.5]);
  drawing.lay(OTHER);
  assert.equal(drawing.picture, OTHER);
  assert.deepEqual(drawing.state.strokes, []);
  drawing.undo();
  assert.equal(drawing.picture, PICTURE);
  assert.equal(drawing.state.strokes.length, 1);
  drawing.undo();
  assert.equal(drawing.picture, PICTURE);
  assert.deepEqual(drawing.state.strokes, []);
});

test("a stroke goes on in the state that it began, not in those before", () => {
  const drawing = makeDrawing();
  drawing.begin([0.5, 0]);
  drawing.extend([[0.5, 0.5], [0.5, 1]]);
  assert.equal(drawing.state.strokes[2].length, 3);
  drawing.undo();
  assert.deepEqual(drawing.state.strokes.map((stroke) => stroke.length), [2, 2]);
});

test("the history has an end", () => {
  const drawing = new Drawing();
  for (let count = 0; count < Drawing.LONGEST_HISTORY + 50; count++) drawing.begin([0, 0]);
  for (let count = 0; count < Drawing.LONGEST_HISTORY; count++) drawing.undo();
  assert.ok(!drawing.canUndo);
  assert.equal(drawing.state.strokes.length, 50);
});
