import { ask } from "../asking.js";
import { make, wholeNumber } from "../elements.js";
import { Question } from "../inside/question.js";
import { find, listenWhileMounted } from "../mounting.js";
import { Gestures } from "./gestures.js";
import { thin, writeArea } from "./outline.js";
import { COLORS, draw } from "./plot.js";
import { Points } from "./points.js";
import { Viewport } from "./viewport.js";

/** @type {Record<string, string>} */
const LAYOUTS = { "t-sne": "t-SNE", pca: "PCA" };
const REACH = 14; // px from a point at which it is the one that is pointed at
const ZOOM = 1.5; // times, by a button

/** @param {import("../mounting.js").Component} component */
export function mount(component) {
  new SampleMap(component);
}

class SampleMap {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props }) {
    this.element = element;
    this.props = props;
    /** @type {Points | null} */
    this.points = null; // until it is opened
    this.viewport = new Viewport();
    this.split = "train";
    this.index = 0; // of the sample that is shown
    /** @type {import("./outline.js").Area | null} */
    this.area = null;
    /** @type {number[][]} */
    this.outline = []; // that is being drawn
    this.pixels = ""; // of the drawing
    /** @type {Record<string, number[]> | null} */
    this.placed = null; // where it belongs in each layout
    this.pointed = -1;
    this.frame = 0;
    /** @type {Question<Record<string, number[]>>} */
    this.question = new Question("map/place", (answer) => this.takePlace(answer));
    /** @type {HTMLDetailsElement} */
    this.details = find(element, "details");
    /** @type {HTMLCanvasElement} */
    this.canvas = find(element, "canvas");
    /** @type {HTMLSelectElement} */
    this.layout = find(element, ".layout");
    this.gestures = new Gestures(this.canvas, this.viewport, {
      viewed: () => this.redraw(),
      pointed: (place) => this.point(this.nearest(place)),
      left: () => this.point(-1),
      chosen: (place) => this.choose(this.nearest(place)),
      outlined: (outline, isDone) => this.takeOutline(outline, isDone),
    });
    this.details.addEventListener("toggle", () => this.open());
    this.layout.addEventListener("change", () => this.showLayout());
    this.listenToTools();
    new ResizeObserver(() => this.fit()).observe(this.canvas);
    listenWhileMounted(element, "sample-shown", (event) => this.follow(event.detail));
    listenWhileMounted(element, "samples-filtered", (event) => this.takeFilter(event.detail));
    listenWhileMounted(element, "drawing-read", (event) => this.takeDrawing(event.detail));
    for (const name of ["sample-repeat", "filters-wanted", "drawing-wanted"]) document.dispatchEvent(new Event(name));
  }

  listenToTools() {
    const listen = (/** @type {string} */ selector, /** @type {() => void} */ action) =>
      find(this.element, selector).addEventListener("click", () => {
        action();
        this.redraw();
      });
    listen(".zoom-in", () => this.viewport.zoomBy(ZOOM));
    listen(".zoom-out", () => this.viewport.zoomBy(1 / ZOOM));
    listen(".whole", () => this.viewport.showAll());
    listen(".lasso", () => this.useLasso(!this.gestures.isLasso));
    listen(".in-view", () => this.filter(this.viewport.corners));
  }

  /** Fetch the map when it is first opened. */
  async open() {
    if (!this.details.open) return;
    if (!this.points) {
      this.say("Fetching the map …");
      const answer = await ask("map");
      if (!answer?.layouts) return this.say(answer?.error ?? "The server does not answer. Close the map and open it again.");
      this.show(answer);
    }
    this.fit();
  }

  /** @param {import("./points.js").Answer} answer */
  show(answer) {
    this.points = new Points(answer);
    const of = answer.of ? `in the last hidden layer of ${answer.of}` : "in their pixels";
    find(this.element, ".of").textContent = of;
    this.layout.replaceChildren(...Object.keys(answer.layouts).map((name) => make("option", { value: name }, LAYOUTS[name])));
    if (this.area) this.layout.value = this.area.layout;
    const { classes } = this.props;
    find(this.element, ".legend").replaceChildren(
      ...classes.map((/** @type {string} */ name, /** @type {number} */ label) => {
        const item = make("li", {}, name);
        item.style.setProperty("--color", COLORS[label]);
        return item;
      }),
    );
    this.showLayout();
  }

  showLayout() {
    this.middles = this.points?.middles(this.layout.value, this.props.classes.length) ?? [];
    this.viewport.showAll();
    this.say("");
    this.redraw();
  }

  /** Follow the size of the canvas in the page, from nothing when the tab is chosen. */
  fit() {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth) return;
    Object.assign(this.viewport, { width: clientWidth, height: clientHeight });
    this.place();
    this.redraw();
  }

  redraw() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (!this.points || !this.details.open) return;
      const layout = this.layout.value;
      const chosen = this.area?.layout === layout ? this.area.outline : [];
      draw(this.canvas, this.viewport, {
        points: this.points,
        layout,
        split: this.split,
        names: this.props.classes,
        middles: this.middles ?? [],
        shown: this.points.find(layout, this.split, this.index),
        drawing: this.placed?.[layout] ?? null,
        outline: this.outline.length ? this.outline : chosen,
      });
    });
  }

  /** Return the sample at a place of the canvas, -1 for none. @param {number[]} place */
  nearest(place) {
    const { points, viewport } = this;
    return points ? points.nearest(this.layout.value, viewport.toMap(place), REACH / viewport.side) : -1;
  }

  /** Show a sample beside its point. @param {number} place - in the list, -1 for none */
  point(place) {
    const { points, viewport } = this;
    const tip = find(this.element, ".tip");
    tip.hidden = !points || place < 0;
    if (!points || place < 0) {
      this.pointed = -1;
      return;
    }
    const [x, y] = viewport.toStage(points.at(this.layout.value, place));
    tip.style.left = `${x}px`;
    tip.style.top = `${y}px`;
    tip.classList.toggle("left", x > viewport.width / 2);
    if (place === this.pointed) return;
    this.pointed = place;
    const { split, index, label } = points.samples[place];
    const sprite = `samples/${split}/sprite?v=${this.props.version}&at=${index}`;
    find(tip, ".picture").style.backgroundImage = `url("${sprite}")`;
    const text = `${this.props.classes[label]} · ${split} ${wholeNumber(index)}`;
    find(tip, ".text").textContent = text;
    if (document.activeElement === this.canvas) this.say(text);
  }

  /** Show a sample in the viewer. @param {number} place - in the list, -1 for none */
  choose(place) {
    if (!this.points || place < 0) return;
    const { split, index } = this.points.samples[place];
    document.dispatchEvent(new CustomEvent("sample-wanted", { detail: { split, index } }));
    this.point(place); // a finger points without moving first
  }

  /** @param {boolean} isLasso */
  useLasso(isLasso) {
    this.gestures.isLasso = isLasso;
    this.canvas.classList.toggle("lasso", isLasso);
    find(this.element, "button.lasso").setAttribute("aria-pressed", String(isLasso));
    this.say(isLasso ? "Draw around the samples that you want." : "");
  }

  /** @param {number[][]} outline @param {boolean} isDone */
  takeOutline(outline, isDone) {
    this.outline = isDone ? [] : outline;
    if (isDone) {
      this.useLasso(false);
      this.filter(thin(outline));
    }
    this.redraw();
  }

  /** Ask the gallery for what lies within an outline. @param {number[][]} outline */
  filter(outline) {
    const area = writeArea({ layout: this.layout.value, outline });
    document.dispatchEvent(new CustomEvent("samples-wanted", { detail: { area } }));
    this.say("The gallery shows what lies within the outline.");
  }

  /** @param {{ split: string, filter: import("../gallery/listing.js").Filter }} filtered - what the gallery shows */
  takeFilter({ split, filter }) {
    this.split = split;
    this.area = filter.area ?? null;
    if (this.area && !this.points) this.details.open = true; // a link has led here
    this.redraw();
  }

  /** @param {{ split: string, index: number }} sample - that is shown */
  follow({ split, index }) {
    Object.assign(this, { split, index });
    this.redraw();
  }

  /** @param {import("../draw_pad/drawing_reader.js").Reading | null} reading */
  takeDrawing(reading) {
    const pixels = reading?.guess === null ? "" : (reading?.pixels ?? "");
    if (reading?.error || pixels === this.pixels) return;
    this.pixels = pixels;
    this.placed = null;
    this.place();
    this.redraw();
  }

  /** Ask where the drawing belongs, if the map is in view. */
  place() {
    if (!this.pixels) this.question.drop();
    else if (this.points && this.canvas.clientWidth && !this.placed) this.question.ask({ pixels: this.pixels });
  }

  /** @param {Record<string, number[]> & { error?: string }} answer */
  takePlace(answer) {
    if (answer.error) return;
    this.placed = answer;
    this.redraw();
  }

  /** @param {string} text */
  say(text) {
    find(this.element, ".state").textContent = text;
  }
}
