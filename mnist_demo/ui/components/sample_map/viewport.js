const LARGEST = 40; // times

/** Which part of the map, the unit square, is in view, on a stage of some size in px. */
export class Viewport {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.zoom = 1;
    this.middle = [0.5, 0.5]; // the point of the map in the middle of the stage
  }

  /** Show the whole map. */
  showAll() {
    this.zoom = 1;
    this.middle = [0.5, 0.5];
  }

  /** px that are as long as a side of the map. */
  get side() {
    return 0.94 * Math.min(this.width, this.height) * this.zoom; // a margin around the outermost points
  }

  /** Return where a point of the map is on the stage, in px. @param {number[]} point */
  toStage([x, y]) {
    const { side, middle } = this;
    return [(x - middle[0]) * side + this.width / 2, (y - middle[1]) * side + this.height / 2];
  }

  /** Return which point of the map is at a place of the stage. @param {number[]} place - in px */
  toMap([x, y]) {
    const { side, middle } = this;
    return [(x - this.width / 2) / side + middle[0], (y - this.height / 2) / side + middle[1]];
  }

  /** Move the map under the stage. @param {number} right - px @param {number} down - px */
  move(right, down) {
    const [x, y] = this.middle;
    this.middle = [clamp(x - right / this.side, 0, 1), clamp(y - down / this.side, 0, 1)];
  }

  /** Zoom by a factor, so that what is at a place of the stage stays there. @param {number} factor @param {number[]} [place] */
  zoomBy(factor, place = [this.width / 2, this.height / 2]) {
    const [x, y] = this.toMap(place);
    this.zoom = clamp(this.zoom * factor, 1, LARGEST);
    const [right, down] = this.toStage([x, y]);
    this.move(place[0] - right, place[1] - down);
  }

  /** The corners of what is in view, as points of the map. */
  get corners() {
    const { width, height } = this;
    return [[0, 0], [width, 0], [width, height], [0, height]].map((corner) => this.toMap(corner));
  }
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
