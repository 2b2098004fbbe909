/** Draw grey levels, which came as base64 of their bytes, on a canvas of as many pixels: 28x28 unless told otherwise. */
function drawPixels(canvas, pixels, side = 28) {
  const context = canvas.getContext("2d");
  const picture = context.createImageData(side, side);
  [...atob(pixels)].forEach((character, index) => {
    const level = character.charCodeAt(0);
    picture.data.set([level, level, level, 255], 4 * index);
  });
  context.putImageData(picture, 0, 0);
}
