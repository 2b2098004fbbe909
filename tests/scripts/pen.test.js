import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Pen } from "../../mnist_demo/ui/components/draw_pad/pen.js";
import { openPage } from "./open_page.js";

let canvas, heard, clock;

/** Send a pointer's event to the canvas, 10 ms after the one before. */
function send(type, pointerId, pointerType, { button = 0, after = 10 } = {}) {
  clock += after;
  const event = new Event(type);
  Object.defineProperty(event, "timeStamp", { value: clock });
  canvas.dispatchEvent(Object.assign(event, { pointerId, pointerType, button, clientX: 50, clientY: 25 }));
}

beforeEach(() => {
  openPage("<canvas></canvas>");
  canvas = document.querySelector("canvas");
  canvas.setPointerCapture = () => {};
  canvas.getBoundingClientRect = () => ({ left: 0, top: 0, width: 100, height: 100 });
  heard = [];
  clock = 5000;
  const note = (name) => () => heard.push(name);
  new Pen(canvas, { begin: note("begin"), extend: note("extend"), end: note("end"), drop: note("drop") });
});

test("a stroke is reported in units of the canvas", () => {
  const points = [];
  new Pen(canvas, { begin: (point) => points.push(point), extend: (more) => points.push(...more), end() {}, drop() {} });
  send("pointerdown", 1, "mouse");
  send("pointermove", 1, "mouse");
  assert.deepEqual(points, [[0.5, 0.25], [0.5, 0.25]]);
});

test("a second finger and other buttons do not draw", () => {
  send("pointerdown", 1, "mouse", { button: 2 });
  send("pointerdown", 2, "touch");
  send("pointerdown", 3, "touch");
  send("pointermove", 3, "touch");
  send("pointerup", 3, "touch");
  send("pointerup", 2, "touch");
  assert.deepEqual(heard, ["begin", "end"]);
});

test("a pen takes over from the palm that rested first", () => {
  send("pointerdown", 1, "touch");
  send("pointermove", 1, "touch");
  send("pointerdown", 2, "pen");
  send("pointermove", 1, "touch");
  send("pointermove", 2, "pen");
  send("pointerup", 1, "touch");
  send("pointerup", 2, "pen");
  assert.deepEqual(heard, ["begin", "extend", "drop", "begin", "extend", "end"]);
});

test("touches are ignored while a pen draws, hovers, or was there a moment ago", () => {
  send("pointerdown", 1, "pen");
  send("pointerdown", 2, "touch");
  send("pointerup", 1, "pen");
  send("pointerdown", 3, "touch", { after: Pen.NEAR });
  assert.deepEqual(heard, ["begin", "end"]);
  send("pointermove", 1, "pen"); // hovers
  send("pointerdown", 4, "touch", { after: Pen.NEAR });
  assert.deepEqual(heard, ["begin", "end"]);
  send("pointerdown", 5, "touch", { after: 1 });
  assert.deepEqual(heard, ["begin", "end", "begin"]);
});

test("a touch that the system takes for a palm leaves nothing, a pen that it cancels its stroke", () => {
  send("pointerdown", 1, "touch");
  send("pointercancel", 1, "touch");
  assert.deepEqual(heard, ["begin", "drop", "end"]);
  send("pointerdown", 2, "pen");
  send("pointercancel", 2, "pen");
  assert.deepEqual(heard.slice(3), ["begin", "end"]);
});
