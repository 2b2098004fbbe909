import assert from "node:assert/strict";
import { test } from "node:test";
import { thin } from "../../mnist_demo/ui/components/draw_pad/thinning.js";

test("a straight line is its two ends", () => {
  const line = Array.from({ length: 50 }, (_, step) => [10 * step, 5 * step]);
  assert.deepEqual(thin(line, 2), [line[0], line[49]]);
});

test("corners stay", () => {
  const corner = [[0, 0], [50, 0], [100, 0], [100, 50], [100, 100]];
  assert.deepEqual(thin(corner, 2), [[0, 0], [100, 0], [100, 100]]);
});

test("a stroke that returns to where it began keeps its way there", () => {
  assert.deepEqual(thin([[0, 0], [100, 0], [0, 0]], 2), [[0, 0], [100, 0], [0, 0]]);
});

test("a dot stays one", () => {
  assert.deepEqual(thin([[5, 5]], 2), [[5, 5]]);
});

test("no point of a circle is farther from what stays than the tolerance", () => {
  const circle = Array.from({ length: 400 }, (_, step) => {
    const angle = (2 * Math.PI * step) / 399;
    return [500 + 300 * Math.cos(angle), 500 + 300 * Math.sin(angle)];
  });
  const thinned = thin(circle, 2);
  assert.ok(thinned.length < 40);
  // The middle of a chord is where it is farthest from its arc.
  for (let at = 1; at < thinned.length; at++) {
    const middle = [0, 1].map((axis) => (thinned[at - 1][axis] + thinned[at][axis]) / 2);
    assert.ok(300 - Math.hypot(middle[0] - 500, middle[1] - 500) <= 2.1);
  }
});

test("a long stroke is no trouble", () => {
  const zigzag = Array.from({ length: 20_000 }, (_, step) => [step % 2 ? 0 : 100, 5 * step]);
  assert.equal(thin(zigzag, 2).length, 20_000);
});
