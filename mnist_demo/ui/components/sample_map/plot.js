/** Told apart on dark ground; Tableau's ten. */
export const COLORS = ["#5b8fc7", "#f28e2c", "#e15759", "#76b7b2", "#59a14f", "#edc949", "#b880b0", "#ff9da7", "#b08a72", "#cfc6c1"];

const DOT = 2.2; // px, the side of a sample's point
const FAINT = 0.3; // opacity of the split that is not browsed
const RING = 7; // px, the radius of a mark
const FONT = "600 17px system-ui, sans-serif";

/**
 * @typedef {object} Scene
 * @property {import("./points.js").Points} points
 * @property {string} layout
 * @property {string} split - that is browsed
 * @property {(string | null)[]} names - of the classes, to stand in their middles
 * @property {(number[] | null)[]} middles - of the classes
 * @property {number[] | null} shown - where the sample lies that is shown
 * @property {number[] | null} drawing - where the visitor's drawing belongs
 * @property {number[][]} outline - of what is chosen
 */

/**
 * Draw the map on a canvas, as large as the viewport says.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./viewport.js").Viewport} viewport
 * @param {Scene} scene
 */
export function draw(canvas, viewport, scene) {
  const ratio = devicePixelRatio;
  const [width, height] = [viewport.width * ratio, viewport.height * ratio].map(Math.round);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, viewport.width, viewport.height);
  drawPoints(context, viewport, scene);
  drawNames(context, viewport, scene);
  drawOutline(context, viewport, scene.outline);
  if (scene.shown) drawRing(context, viewport.toStage(scene.shown), "#ff8a54", 1);
  if (scene.drawing) drawRing(context, viewport.toStage(scene.drawing), "#ffffff", 1.5);
}

/** @param {CanvasRenderingContext2D} context @param {import("./viewport.js").Viewport} viewport @param {Scene} scene */
function drawPoints(context, viewport, { points, layout, split }) {
  const side = DOT * Math.sqrt(Math.min(4, viewport.zoom));
  const { samples } = points;
  for (let place = 0; place < samples.length; place++) {
    const [x, y] = viewport.toStage(points.at(layout, place));
    if (x < -side || y < -side || x > viewport.width + side || y > viewport.height + side) continue;
    context.globalAlpha = samples[place].split === split ? 1 : FAINT;
    context.fillStyle = COLORS[samples[place].label];
    context.fillRect(x - side / 2, y - side / 2, side, side);
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {import("./viewport.js").Viewport} viewport @param {Scene} scene */
function drawNames(context, viewport, { names, middles }) {
  Object.assign(context, { font: FONT, textAlign: "center", textBaseline: "middle", lineWidth: 4, lineJoin: "round" });
  middles.forEach((middle, label) => {
    if (!middle) return;
    const [x, y] = viewport.toStage(middle);
    context.strokeStyle = "rgb(8 10 16 / 85%)";
    context.strokeText(names[label] ?? "", x, y);
    context.fillStyle = "#ffffff";
    context.fillText(names[label] ?? "", x, y);
  });
}

/** @param {CanvasRenderingContext2D} context @param {import("./viewport.js").Viewport} viewport @param {number[][]} outline */
function drawOutline(context, viewport, outline) {
  if (outline.length < 2) return;
  context.beginPath();
  for (const [x, y] of outline.map((corner) => viewport.toStage(corner))) context.lineTo(x, y);
  context.closePath();
  context.fillStyle = "rgb(255 255 255 / 10%)";
  context.fill();
  Object.assign(context, { strokeStyle: "#ffffff", lineWidth: 1.5 });
  context.stroke();
}

/** @param {CanvasRenderingContext2D} context @param {number[]} place @param {string} color @param {number} scale */
function drawRing(context, [x, y], color, scale) {
  context.beginPath();
  context.arc(x, y, RING * scale, 0, 2 * Math.PI);
  Object.assign(context, { strokeStyle: "#080a10", lineWidth: 5 });
  context.stroke();
  Object.assign(context, { strokeStyle: color, lineWidth: 2.5 });
  context.stroke();
}
