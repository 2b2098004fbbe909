import assert from "node:assert/strict";
import { test } from "node:test";
import { Drawing, PENS } from "../../mnist_demo/ui/components/draw_pad/drawing.js";
import { readArea, writeMessage } from "../../mnist_demo/ui/components/draw_pad/message.js";

const FILE = new Blob(["a picture"], { type: "image/png" });
const PICTURE = { file: FILE, left: 0, top: 0.125, width: 1, height: 0.75, side: 400 };

function makeDrawing(...strokes) {
  const drawing = new Drawing();
  for (const [first, ...rest] of strokes) {
    drawing.begin(first);
    drawing.extend(rest);
  }
  return drawing;
}

test("strokes go as thousandths of the pad, without points that tell nothing", () => {
  const message = writeMessage(makeDrawing([[0.1, 0.2], [0.2004, 0.2], [0.3, 0.2], [0.3, 0.9]], [[0.5, 0.5]]));
  assert.deepEqual(message.headers, { "Content-Type": "application/json" });
  assert.deepEqual(JSON.parse(message.body), { pen: 65, strokes: [[100, 200, 300, 200, 300, 900], [500, 500]] });
});

test("the pen goes along", () => {
  const drawing = makeDrawing([[0.5, 0.5]]);
  drawing.pen = PENS.thick;
  assert.equal(JSON.parse(writeMessage(drawing).body).pen, 100);
});

test("a pointer that was dragged far off the pad stays within what the server takes", () => {
  const message = writeMessage(makeDrawing([[0.5, 0.5], [9, -7]]));
  assert.deepEqual(JSON.parse(message.body).strokes, [[500, 500, 2000, -1000]]);
});

test("a picture goes as the file that it is", () => {
  const drawing = new Drawing();
  drawing.lay(PICTURE);
  assert.deepEqual(writeMessage(drawing), { body: FILE });
});

test("strokes over a picture go with its file", async () => {
  const drawing = new Drawing();
  drawing.lay(PICTURE);
  drawing.begin([0.5, 0.25]);
  const { body: form } = writeMessage(drawing);
  assert.deepEqual(JSON.parse(form.get("drawing")), { pen: 65, strokes: [[500, 250]] });
  assert.equal(await form.get("picture").text(), "a picture");
});

test("an empty pad has nothing to send", () => {
  assert.equal(writeMessage(new Drawing()), null);
});

test("a digit of a few hundred points, drawn by a hand that trembles, takes at most 1 KB", () => {
  // An 8, of two circles, sampled as a tablet does.
  const eight = Array.from({ length: 600 }, (_, step) => {
    const angle = (4 * Math.PI * step) / 599;
    const tremble = 0.001 * Math.sin(step);
    return [0.5 + 0.18 * Math.sin(angle) + tremble, 0.5 + (angle < 2 * Math.PI ? -0.2 : 0.2) * (1 - Math.cos(angle))];
  });
  assert.ok(writeMessage(makeDrawing(eight)).body.length <= 1000);
});

test("boxes are in px of a picture, in thousandths of an empty pad", () => {
  const drawing = makeDrawing([[0.5, 0.5]]);
  assert.deepEqual(readArea(drawing), { left: 0, top: 0, side: 1000 });
  drawing.lay(PICTURE);
  assert.equal(readArea(drawing).side, 400);
});
