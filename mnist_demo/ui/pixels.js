/** Draw 28x28 grey levels, which came as base64 of their bytes, on a canvas of 28x28 pixels. */
function drawPixels(canvas, pixels) {
  const context = canvas.getContext("2d");
  const picture = context.createImageData(28, 28);
  [...atob(pixels)].forEach((character, index) => {
    const level = character.charCodeAt(0);
    picture.data.set([level, level, level, 255], 4 * index);
  });
  context.putImageData(picture, 0, 0);
}
