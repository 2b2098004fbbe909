import { make } from "../elements.js";

const MARGIN = 0.012; // of the pad's side, around the ink

/**
 * Frame the digits of a number on the pad.
 * @param {Element} layer - that covers the pad
 * @param {[left: number, top: number, right: number, bottom: number][]} boxes - in units of the server
 * @param {import("./message.js").Area} area - of the pad, that was read
 */
export function showBoxes(layer, boxes, area) {
  const frames = boxes.map(([left, top, right, bottom]) => {
    const frame = make("span");
    frame.style.left = asPercent(area.left + left / area.side - MARGIN);
    frame.style.top = asPercent(area.top + top / area.side - MARGIN);
    frame.style.width = asPercent((right - left) / area.side + 2 * MARGIN);
    frame.style.height = asPercent((bottom - top) / area.side + 2 * MARGIN);
    return frame;
  });
  layer.replaceChildren(...frames);
}

/** @param {number} share */
const asPercent = (share) => `${100 * share}%`;
