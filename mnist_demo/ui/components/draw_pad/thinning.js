/** @typedef {import("./strokes.js").Point} Point */

/**
 * Return a stroke without the points that lie, within a tolerance, on the line between those that stay.
 * Source: Douglas and Peucker, "Algorithms for the reduction of the number of points required to represent a digitized
 * line", Cartographica 10(2), 1973.
 * @param {Point[]} stroke
 * @param {number} tolerance - in units of the points
 * @returns {Point[]}
 */
export function thin(stroke, tolerance) {
  const last = stroke.length - 1;
  const stays = new Set([0, last]);
  const open = [[0, last]]; // lines between points that stay; not recursive, because a stroke may be long
  for (let line = open.pop(); line; line = open.pop()) {
    const [from, to] = line;
    const { at, distance } = findFarthest(stroke, from, to);
    if (distance > tolerance) {
      stays.add(at);
      open.push([from, at], [at, to]);
    }
  }
  return stroke.filter((_, index) => stays.has(index));
}

/**
 * @param {Point[]} stroke
 * @param {number} from
 * @param {number} to
 */
function findFarthest(stroke, from, to) {
  let farthest = { at: from, distance: 0 };
  for (let at = from + 1; at < to; at++) {
    const distance = distanceToLine(stroke[at], stroke[from], stroke[to]);
    if (distance > farthest.distance) farthest = { at, distance };
  }
  return farthest;
}

/**
 * @param {Point} point
 * @param {Point} start
 * @param {Point} end
 */
function distanceToLine([x, y], [startX, startY], [endX, endY]) {
  const [alongX, alongY] = [endX - startX, endY - startY];
  const square = alongX * alongX + alongY * alongY;
  const share = square && ((x - startX) * alongX + (y - startY) * alongY) / square;
  const nearest = Math.min(1, Math.max(0, share));
  return Math.hypot(x - startX - nearest * alongX, y - startY - nearest * alongY);
}
