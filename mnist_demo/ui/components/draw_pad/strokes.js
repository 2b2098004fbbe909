/**
 * Drawing strokes, in units of the pad's side, so that they look alike at every size.
 * @typedef {[x: number, y: number]} Point
 * @typedef {Point[]} Stroke - of one point at least
 */

/**
 * Draw strokes as smooth lines, and those that stay where they began as dots.
 * @param {CanvasRenderingContext2D} context - scaled so that the pad's side is 1
 * @param {readonly Stroke[]} strokes
 * @param {number} pen - its width
 * @param {string} color
 */
export function drawStrokes(context, strokes, pen, color) {
  context.lineWidth = pen;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = color;
  for (const stroke of strokes) {
    context.beginPath();
    if (isDot(stroke)) {
      // Browsers differ in whether a line without length has caps.
      context.arc(...stroke[0], pen / 2, 0, 2 * Math.PI);
      context.fill();
    } else {
      traceSmoothly(context, stroke);
      context.stroke();
    }
  }
}

/** @param {Stroke} stroke */
function isDot([[firstX, firstY], ...rest]) {
  return rest.every(([x, y]) => x === firstX && y === firstY);
}

/**
 * Trace a curve through the middles between the points, with the points as handles: no corners.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke} stroke
 */
function traceSmoothly(context, [first, ...rest]) {
  context.moveTo(...first);
  let [x, y] = first;
  for (const [nextX, nextY] of rest) {
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    [x, y] = [nextX, nextY];
  }
  context.lineTo(x, y);
}
