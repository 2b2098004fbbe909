import assert from "node:assert/strict";
import { test } from "node:test";

import { accuracyAt, listTicks, writeStrength } from "../../mnist_demo/ui/components/inside/curves.js";

const STRENGTHS = [-10, 0, 20];
const ACCURACIES = [0.5, 1, 0.2];

test("at a strength that was measured it is what was measured", () => {
  STRENGTHS.forEach((strength, place) => assert.equal(accuracyAt(STRENGTHS, ACCURACIES, strength), ACCURACIES[place]));
});

test("between two it lies on the line between them", () => {
  assert.equal(accuracyAt(STRENGTHS, ACCURACIES, -5), 0.75);
  assert.ok(Math.abs(accuracyAt(STRENGTHS, ACCURACIES, 15) - 0.4) < 1e-9);
});

test("the strength that changes nothing is among those that are written", () => {
  assert.deepEqual(listTicks({ name: "thicken", unit: "px", low: -2, high: 4, none: 0 }), [-2, -1, 0, 2, 4]);
  assert.deepEqual(listTicks({ name: "scale", unit: "times", low: 0.4, high: 1.6, none: 1 }), [0.4, 0.7, 1, 1.3, 1.6]);
  assert.deepEqual(listTicks({ name: "erase", unit: "of the pixels", low: 0, high: 0.95, none: 0 }), [0, 0.24, 0.47, 0.71, 0.95]);
});

test("degrees are whole, all else has two decimals", () => {
  assert.equal(writeStrength({ name: "rotate", unit: "degrees", low: -90, high: 90, none: 0 }, -21.6), "-22 degrees");
  assert.equal(writeStrength({ name: "blur", unit: "px", low: 0, high: 4, none: 0 }, 0.4), "0.40 px");
});
