/**
 * @typedef {{ of: string | null, splits: Record<string, { indices: string, labels: string }>,
 *   layouts: Record<string, string> }} Answer - of the server; arrays as base64 of little-endian numbers
 * @typedef {{ split: string, index: number, label: number }} Sample
 */

const STEPS = 2 ** 16 - 1; // into which the map is divided

/** The samples on the map, and where they lie in each layout. */
export class Points {
  /** @param {Answer} answer */
  constructor({ splits, layouts }) {
    /** @type {Sample[]} */
    this.samples = Object.entries(splits).flatMap(([split, { indices, labels }]) => {
      const classes = new Uint8Array(decode(labels));
      return Array.from(new Uint32Array(decode(indices)), (index, place) => ({ split, index, label: classes[place] }));
    });
    /** @type {Map<string, Float32Array>} */
    this.layouts = new Map(
      Object.entries(layouts).map(([name, steps]) => [name, Float32Array.from(new Uint16Array(decode(steps)), (step) => step / STEPS)]),
    );
  }

  /**
   * Return the place in the list of the sample that is nearest to a point of a layout; -1 if none is near enough.
   * @param {string} layout
   * @param {number[]} point
   * @param {number} reach - how near is enough
   */
  nearest(layout, [x, y], reach) {
    const places = /** @type {Float32Array} */ (this.layouts.get(layout));
    let [found, least] = [-1, reach ** 2];
    for (let place = 0; place < this.samples.length; place++) {
      const square = (places[2 * place] - x) ** 2 + (places[2 * place + 1] - y) ** 2;
      if (square <= least) [found, least] = [place, square];
    }
    return found;
  }

  /**
   * Return where a sample lies in a layout; null if it is not on the map.
   * @param {string} layout
   * @param {string} split
   * @param {number} index
   */
  find(layout, split, index) {
    const place = this.samples.findIndex((sample) => sample.split === split && sample.index === index);
    return place < 0 ? null : this.at(layout, place);
  }

  /** Return where the sample at a place in the list lies. @param {string} layout @param {number} place */
  at(layout, place) {
    const places = /** @type {Float32Array} */ (this.layouts.get(layout));
    return [places[2 * place], places[2 * place + 1]];
  }

  /**
   * Return the middle of each class in a layout: the medians, which stay within the larger cluster of a class in two.
   * @param {string} layout
   * @param {number} classes - how many
   */
  middles(layout, classes) {
    return Array.from({ length: classes }, (_, label) => {
      const own = this.samples.flatMap((sample, place) => (sample.label === label ? [this.at(layout, place)] : []));
      return own.length ? [0, 1].map((axis) => median(own.map((point) => point[axis]))) : null;
    });
  }
}

/** @param {number[]} values */
function median(values) {
  return values.sort((one, other) => one - other)[Math.floor(values.length / 2)];
}

/** @param {string} text */
function decode(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}
