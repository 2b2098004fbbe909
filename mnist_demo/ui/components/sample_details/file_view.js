import { make, wholeNumber } from "../elements.js";

/**
 * @typedef {{ offset: number, content: string, meaning: string }} Field
 * @typedef {{ name: string, is_compressed: boolean, size: number, header: Field[], offset: number, content: string }} FileView
 */

const SIDE = 28; // px

/**
 * Show where a sample lies in its files: the header of each with its meaning, the offsets, and the image as numbers.
 * @param {Element} element
 * @param {{ image: FileView, label: FileView }} files
 */
export function showFiles(element, { image, label }) {
  const pixels = [...atob(image.content)].map((character) => character.charCodeAt(0));
  const byte = atob(label.content).charCodeAt(atob(label.content).length - 1);
  element.replaceChildren(
    makeHeader(image),
    describe(`The ${pixels.length} bytes of this image begin at offset `, image),
    makeTable(pixels, image.offset),
    makeHeader(label),
    describe(`Its label, ${byte}, lies at offset `, label),
  );
}

/** @param {string} what @param {FileView} file */
function describe(what, { header, offset, size, content }) {
  const start = header[header.length - 1].offset + 4; // the last field of a header takes four bytes
  const { length } = atob(content);
  const formula = length > 1 ? `${start} + ${length} × index` : `${start} + index`;
  return make("p", {}, what, make("code", {}, String(offset)), ` = ${formula}, of ${wholeNumber(size)} bytes.`);
}

/** @param {FileView} file */
function makeHeader({ name, is_compressed: isCompressed, header }) {
  const caption = `${name}${isCompressed ? ", unpacked" : ""}: the header`;
  const rows = header.map(({ offset, content, meaning }) =>
    make("tr", {}, make("td", {}, String(offset)), make("td", {}, content), make("td", {}, meaning)),
  );
  const head = make("tr", {}, ...["Offset", "Bytes", "Meaning"].map((title) => make("th", { scope: "col" }, title)));
  return make("table", { className: "header" }, make("caption", {}, caption), make("thead", {}, head), make("tbody", {}, ...rows));
}

/**
 * The image as a table of its bytes, each on its own grey.
 * @param {number[]} pixels
 * @param {number} offset - of the first
 */
function makeTable(pixels, offset) {
  const rows = Array.from({ length: Math.ceil(pixels.length / SIDE) }, (_, row) => {
    const cells = pixels.slice(row * SIDE, (row + 1) * SIDE).map((level) => {
      const cell = make("td", {}, String(level));
      cell.style.background = `rgb(${level} ${level} ${level})`;
      cell.style.color = level > 127 ? "black" : "white";
      return cell;
    });
    const made = make("tr", {}, make("th", { scope: "row" }, String(offset + row * SIDE)), ...cells);
    made.addEventListener("pointerenter", () => light(row));
    made.addEventListener("pointerleave", () => light(-1));
    return made;
  });
  return make("table", { className: "bytes" }, make("caption", {}, "Its bytes, row by row"), make("tbody", {}, ...rows));
}

/**
 * Light a row of the image wherever it is shown: the document's event "sample-row" tells of it.
 * @param {number} row - -1 for none
 */
function light(row) {
  document.dispatchEvent(new CustomEvent("sample-row", { detail: row }));
}

/** Light a row of the table of bytes. @param {Element} element @param {number} lit - -1 for none */
export function lightRow(element, lit) {
  element.querySelectorAll(".bytes tr").forEach((line, row) => line.classList.toggle("lit", row === lit));
}
