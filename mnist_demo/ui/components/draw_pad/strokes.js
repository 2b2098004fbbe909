/** Drawing strokes, each a list of [x, y] in units of the pad's side, so that they look alike at every size. */

const PEN_WIDTH = 0.065; // of the pad's side

/**
 * Draw strokes as smooth lines.
 * @param {CanvasRenderingContext2D} context - scaled so that the pad's side is 1
 * @param {number[][][]} strokes
 * @param {string} color
 */
export function drawStrokes(context, strokes, color) {
  context.lineWidth = PEN_WIDTH;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = color;
  for (const stroke of strokes) {
    context.beginPath();
    traceSmoothly(context, stroke);
    context.stroke();
  }
}

/** Trace a curve through the middles between the points, with the points as handles: no corners. */
function traceSmoothly(context, points) {
  const [first, ...rest] = points;
  context.moveTo(...first);
  let [x, y] = first;
  for (const [nextX, nextY] of rest) {
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    [x, y] = [nextX, nextY];
  }
  context.lineTo(x, y); // a single point becomes a dot, because the line's caps are round
}
