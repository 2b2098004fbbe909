/**
 * Draw grey levels, which came as base64 of their bytes, on a canvas of as many pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {string} pixels
 * @param {number} [side] in px
 */
export function drawPixels(canvas, pixels, side = 28) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const picture = context.createImageData(side, side);
  [...atob(pixels)].forEach((character, index) => {
    const level = character.charCodeAt(0);
    picture.data.set([level, level, level, 255], 4 * index);
  });
  context.putImageData(picture, 0, 0);
}
