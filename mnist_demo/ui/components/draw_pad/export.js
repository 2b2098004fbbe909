/** How a drawing reaches the server: which part of the pad, and as what. */

/** @typedef {import("./drawing.js").Drawing} Drawing */

const DRAWING_SIDE = 280; // px of a drawing as the server gets it
const MAX_PICTURE_SIDE = 840; // px of a photo as the server gets it

/**
 * The part of the pad that the server gets, in units of the pad's side, and the px to which that side is mapped.
 * @typedef {{ left: number, top: number, width: number, height: number, side: number }} Area
 */

/**
 * @param {Drawing} drawing
 * @returns {Area}
 */
export function exportedArea({ picture }) {
  if (!picture) return { left: 0, top: 0, width: 1, height: 1, side: DRAWING_SIDE };
  const { left, top, width, height } = picture;
  return { left, top, width, height, side: Math.min(Math.max(picture.side, DRAWING_SIDE), MAX_PICTURE_SIDE) };
}

/**
 * Return the drawing as a data URL, white on black, or the part of the pad that a picture covers; "" for an empty pad.
 * @param {Drawing} drawing
 */
export function exportDrawing(drawing) {
  if (drawing.isEmpty) return "";
  const { left, top, width, height, side } = exportedArea(drawing);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * side));
  canvas.height = Math.max(1, Math.round(height * side));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(side, side);
  context.translate(-left, -top);
  drawing.paint(context, "white");
  const isPhoto = drawing.picture !== null && drawing.picture.side > DRAWING_SIDE;
  return isPhoto ? canvas.toDataURL("image/jpeg", 0.92) : canvas.toDataURL("image/png");
}
