import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";

import { makeFrom } from "./page.js";

const FOLDER = new URL("../../mnist_demo/ui/components/sample_viewer/", import.meta.url);
const { mount } = await import(new URL("sample_viewer.js", FOLDER));

let asked, props, render;
let shown = [];

const view = (index, split = "train") => ({
  classes: [..."0123456789"], split, name: "training", size: 100, index, label: 5, pixels: btoa("\0".repeat(784)),
});

/** The server answers the newest question, or an earlier one. */
const answer = (value) => {
  props.value = value;
  render();
};

beforeEach(() => {
  asked = [];
  props = { value: view(0) };
  const element = makeFrom(readFileSync(new URL("template.html", FOLDER), "utf8"));
  const picture = { data: new Uint8ClampedArray(4 * 784) };
  element.querySelector("canvas").getContext = () => ({ createImageData: () => picture, putImageData: () => {} });
  mount({ element, props, trigger: () => asked.push(props.value.wanted), watch: (_, listener) => (render = listener) });
  shown = [];
});

document.addEventListener("sample-shown", ({ detail }) => shown.push(detail.index));

const want = (index) => document.dispatchEvent(new CustomEvent("sample-wanted", { detail: { index } }));

test("one question at a time, and then the newest", () => {
  [1, 2, 3].forEach(want);
  assert.deepEqual(asked, [1]);
  answer(view(1));
  assert.deepEqual(asked, [1, 3]);
});

test("a sample that is no longer wanted is not told of: who counts on from it would lose steps", () => {
  [1, 2, 3].forEach(want);
  answer(view(1));
  assert.deepEqual(shown, []);
  answer(view(3));
  assert.deepEqual(shown, [3]);
});

test("an answer that is refused keeps nobody waiting", () => {
  want(1);
  answer({ error: "index: expected a whole number" });
  answer(view(7));
  assert.deepEqual(shown, [7]);
});
