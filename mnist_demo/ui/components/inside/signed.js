/**
 * Numbers of either sign, as the server sends them: base64 of bytes, 128 for 0, 255 for the largest magnitude.
 * @typedef {{ levels: string, largest: number }} Signed
 */

const FOR = [255, 138, 84];
const AGAINST = [92, 148, 255];

/**
 * Draw numbers on a canvas of as many pixels: positive ones in one colour, negative ones in another, 0 black. Light grows
 * with the root of a number, so that small ones are seen beside the largest.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} levels
 * @param {{ above?: number[] }} [colours] - of positive numbers, orange unless others are given
 */
export function drawLevels(canvas, levels, { above = FOR } = {}) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = context.createImageData(canvas.width, canvas.height);
  levels.forEach((level, index) => {
    const share = (level - 128) / 127;
    const colour = share > 0 ? above : AGAINST;
    const light = Math.sqrt(Math.abs(share));
    picture.data.set([...colour.map((part) => part * light), 255], 4 * index);
  });
  context.putImageData(picture, 0, 0);
}

/** @param {string} levels - base64 */
export const decodeLevels = (levels) => Uint8Array.from(atob(levels), (character) => character.charCodeAt(0));
