import { ask } from "../asking.js";
import { make } from "../elements.js";

/**
 * A unit of a layer, or a channel of its maps; the name is that of the layer.
 * @typedef {{ network: string, path: string, channel: number, name: string }} Unit
 * @typedef {{ index: number, label: number, value: number, box: number[] | null }} Fired - box: top, left, height, width
 * @typedef {{ samples?: Fired[], progress?: number, error?: string }} Answer
 */

const SIDE = 28; // px
const COLUMNS = 16; // pictures in a row of a sprite
const PATIENCE = 700; // ms until a network that is still reading the training set is asked again

/** The training samples on which a unit fires most, each a link to it in Browse. */
export class StrongestView {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Unit | null} */
    this.unit = null;
  }

  clear() {
    this.unit = null;
    this.element.replaceChildren();
  }

  /** @param {Unit} unit */
  async look(unit) {
    this.unit = unit;
    const { network, path, channel } = unit;
    /** @type {Answer | null} */
    const answer = await ask("inside/strongest", { network, path, channel });
    if (unit !== this.unit) return;
    this.show(unit, answer ?? {});
    const again = () => unit === this.unit && this.element.isConnected && this.look(unit);
    if (answer?.progress !== undefined) setTimeout(again, PATIENCE);
  }

  /** @param {Unit} unit @param {Answer} answer */
  show({ network, channel, name }, { samples = [], progress, error }) {
    const status = make("p", { role: "status" }, error ?? describe(name, channel, samples, progress));
    const fired = samples.filter(({ value }) => value !== 0);
    const sprite = `samples/train/sprite?at=${fired.map(({ index }) => index).join()}`;
    const links = fired.map((each, place) => makeLink(each, network, `url("${sprite}") ${(place / (COLUMNS - 1)) * 100}% 0`));
    this.element.replaceChildren(status, make("div", { className: "samples" }, ...links));
  }
}

/** @param {string} name @param {number} channel @param {Fired[]} samples @param {number | undefined} progress */
function describe(name, channel, samples, progress) {
  if (progress !== undefined) return `Once, the network reads all of the training set: ${Math.floor(100 * progress)}%`;
  const unit = `Number ${channel} of ${name}`;
  if (!samples[0]?.value) return `${unit} is 0 on every training sample.`;
  const outlined = samples.some(({ box }) => box) ? " Outlined is what it looks at there." : "";
  return `${unit} is highest on these of all training samples.${outlined}`;
}

/** @param {Fired} sample @param {string} network @param {string} background - its picture */
function makeLink({ index, label, value, box }, network, background) {
  const picture = make("span", { className: "picture" });
  picture.style.background = background;
  if (box) picture.append(makeBox(box));
  const title = `Training index ${index}, labelled ${label}: ${value}`;
  const reader = network.includes("@") ? "" : `&network=${encodeURIComponent(network)}`; // an epoch is not on the menu
  const href = `?tab=browse&split=train&index=${index}${reader}`;
  return make("a", { href, title, ariaLabel: title }, picture, `${label} · ${value.toFixed(2)}`);
}

/** @param {number[]} box */
function makeBox(box) {
  const outline = make("i");
  const [top, left, height, width] = box.map((length) => `${(100 * length) / SIDE}%`);
  Object.assign(outline.style, { top, left, height, width });
  return outline;
}
