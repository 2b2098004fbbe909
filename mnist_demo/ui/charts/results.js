/** What a trained network says of test samples: right and wrong told apart by a mark and a border, not by colour alone. */

/**
 * Fill `container` with a grid for each group of samples.
 * @param {HTMLElement} container
 * @param {{title: string, samples: {index, label, digit, confidence, pixels}[]}[]} groups
 */
function showSamples(container, groups) {
  container.replaceChildren();
  for (const { title, samples } of groups) {
    const heading = document.createElement("h4");
    heading.textContent = title;
    const grid = document.createElement("div");
    grid.className = "grid";
    grid.append(...samples.map(makeFigure));
    container.append(heading, grid);
  }
}

function makeFigure({ index, label, digit, confidence, pixels }) {
  const isRight = digit === label;
  const figure = document.createElement("figure");
  const canvas = document.createElement("canvas");
  const caption = document.createElement("figcaption");
  canvas.width = canvas.height = 28;
  drawPixels(canvas, pixels);
  caption.textContent = isRight ? `✓ ${digit}` : `✗ ${digit}, is ${label}`;
  figure.classList.toggle("wrong", !isRight);
  figure.title = `Test sample ${index}, labelled ${label}, read as ${digit} with ${(100 * confidence).toFixed(1)}%`;
  figure.append(canvas, caption);
  return figure;
}
