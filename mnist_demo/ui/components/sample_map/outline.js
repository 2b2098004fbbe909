const CORNERS = 60; // of an outline that is drawn by hand: the server takes up to 100
const DIGITS = 4; // decimals in the address

/** What is chosen on the map, as it stands in the address: "t-sne,0.1,0.2,..." @typedef {{ layout: string, outline: number[][] }} Area */

/** Return an outline with fewer corners if it has too many. @param {number[][]} outline */
export function thin(outline) {
  if (outline.length <= CORNERS) return outline;
  return Array.from({ length: CORNERS }, (_, place) => outline[Math.floor((place * outline.length) / CORNERS)]);
}

/** @param {Area} area */
export function writeArea({ layout, outline }) {
  return [layout, ...outline.flat().map((value) => value.toFixed(DIGITS))].join();
}

/** Return what stands in an address; null if nothing does. @param {string} text @returns {Area | null} */
export function readArea(text) {
  const [layout, ...numbers] = text.split(",");
  if (!numbers.length) return null;
  const values = numbers.map(Number);
  const outline = Array.from({ length: Math.floor(values.length / 2) }, (_, corner) => values.slice(2 * corner, 2 * corner + 2));
  return { layout, outline };
}
