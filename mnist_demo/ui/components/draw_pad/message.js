/**
 * How a drawing reaches the server: as its strokes, never as pixels. A browser that guards against fingerprinting hands
 * out noise when a page reads a canvas back.
 */

import { thin } from "./thinning.js";

/** @typedef {import("./drawing.js").Drawing} Drawing */
/** @typedef {import("./strokes.js").Stroke} Stroke */

const PAD = 1000; // units of the server to a side of the pad
const TOLERANCE = 2; // of these units: a thirtieth of the usual pen

/**
 * What is posted to the server.
 * @typedef {{ body: BodyInit, headers?: Record<string, string> }} Message
 */

/**
 * The part of the pad that the server reads, in units of the pad's side, and how many of the server's units its side has.
 * @typedef {{ left: number, top: number, side: number }} Area
 */

/**
 * @param {Drawing} drawing
 * @returns {Area}
 */
export function readArea({ picture }) {
  return picture ?? { left: 0, top: 0, side: PAD };
}

/**
 * Return what the server gets of a drawing: its strokes as JSON, the file of its picture, or a form with both; null for
 * an empty pad.
 * @param {Drawing} drawing
 * @returns {Message | null}
 */
export function writeMessage({ picture, strokes, pen }) {
  if (!strokes.length) return picture && { body: picture.file };
  const json = JSON.stringify({ pen: Math.round(pen * PAD), strokes: strokes.map(flatten) });
  if (!picture) return { body: json, headers: { "Content-Type": "application/json" } };
  const form = new FormData();
  form.append("drawing", json);
  form.append("picture", picture.file);
  return { body: form };
}

/** Return x, y, x, y ... of a stroke in whole units of the server. @param {Stroke} stroke */
function flatten(stroke) {
  const scaled = stroke.map(([x, y]) => /** @type {[number, number]} */ ([x * PAD, y * PAD]));
  return thin(scaled, TOLERANCE).flatMap((point) => point.map(keepOnPad));
}

/** A pointer that was dragged far off the pad draws nothing there. @param {number} place */
const keepOnPad = (place) => Math.round(Math.min(2 * PAD, Math.max(-PAD, place)));
