import assert from "node:assert/strict";
import { test } from "node:test";
import { readArea, thin, writeArea } from "../../mnist_demo/ui/components/sample_map/outline.js";
import { Points } from "../../mnist_demo/ui/components/sample_map/points.js";
import { Viewport } from "../../mnist_demo/ui/components/sample_map/viewport.js";

const encode = (array) => Buffer.from(array.buffer).toString("base64");

const points = new Points({
  of: null,
  splits: {
    train: { indices: encode(Uint32Array.of(0, 60_001)), labels: encode(Uint8Array.of(3, 4)) },
    test: { indices: encode(Uint32Array.of(7)), labels: encode(Uint8Array.of(3)) },
  },
  layouts: { pca: encode(Uint16Array.of(0, 0, 65_535, 0, 0, 65_535)) },
});

test("samples are decoded with their places", () => {
  assert.deepEqual(points.samples[1], { split: "train", index: 60_001, label: 4 });
  assert.deepEqual(points.at("pca", 1), [1, 0]);
  assert.deepEqual(points.find("pca", "test", 7), [0, 1]);
  assert.equal(points.find("pca", "test", 0), null);
  assert.deepEqual(points.middles("pca", 5)[4], [1, 0]);
  assert.equal(points.middles("pca", 5)[0], null);
});

test("the nearest sample is found within reach only", () => {
  assert.equal(points.nearest("pca", [0.9, 0.1], 0.2), 1);
  assert.equal(points.nearest("pca", [0.5, 0.5], 0.2), -1);
});

test("what is under the hand stays there while it zooms", () => {
  const viewport = new Viewport();
  Object.assign(viewport, { width: 400, height: 300 });
  const hand = [300, 100];
  const before = viewport.toMap(hand);
  viewport.zoomBy(3, hand);
  viewport.toMap(hand).forEach((value, axis) => assert.ok(Math.abs(value - before[axis]) < 1e-9));
  viewport.toStage(viewport.toMap([12, 34])).forEach((value, axis) => assert.ok(Math.abs(value - [12, 34][axis]) < 1e-6));
});

test("the map cannot be lost: it neither leaves the stage nor shrinks", () => {
  const viewport = new Viewport();
  Object.assign(viewport, { width: 400, height: 400 });
  viewport.move(99_999, -99_999);
  assert.deepEqual(viewport.middle, [0, 1]);
  viewport.zoomBy(0.001);
  assert.equal(viewport.zoom, 1);
  viewport.zoomBy(1e9);
  assert.equal(viewport.zoom, 40);
});

test("an outline stands in the address, with as many corners as the server takes", () => {
  const area = { layout: "t-sne", outline: [[0, 0.5], [1, 0.25], [0.125, -0.5]] };
  assert.deepEqual(readArea(writeArea(area)), area);
  assert.equal(readArea(""), null);
  const long = Array.from({ length: 900 }, (_, place) => [place, 0]);
  assert.equal(thin(long).length, 60);
  assert.deepEqual(thin(long)[59], [885, 0]);
});
