import { find, listenWhileMounted } from "../mounting.js";
import { showBoxes } from "./boxes.js";
import { CameraButton } from "./camera_button.js";
import { Drawing, PENS } from "./drawing.js";
import { DrawingReader } from "./drawing_reader.js";
import { readArea, writeMessage } from "./message.js";
import { Pacer } from "./pacer.js";
import { Pen } from "./pen.js";
import { Picture } from "./picture.js";
import { PictureFiles, pastedPicture } from "./picture_files.js";

const SEND_INTERVAL = 8; // ms between two messages while the pen moves; each waits for the answer to the one before
const TYPED_IN = "input, textarea, select, [contenteditable=true]";

/** @param {import("../mounting.js").Component} component */
export function mount(component) {
  new DrawPad(component);
}

/**
 * The drawing pad.
 *
 * What the server gets is sent while the pen moves, and once more when it lifts; over a picture only then. The document
 * hears of it by the events "drawing-sent", with the message, and "drawing-read", with what the network says; it asks
 * for both again by "drawing-wanted", and chooses the network by "network-chosen". A picture that is set from Python, as
 * a data URL in props.value, is laid on the pad.
 */
class DrawPad {
  /** @param {import("../mounting.js").Component} component */
  constructor({ element, props, watch }) {
    this.element = element;
    this.props = props;
    /** @type {HTMLCanvasElement} */
    this.canvas = find(element, "canvas");
    /** @type {HTMLButtonElement} */
    this.undoButton = find(element, "#draw-undo");
    /** @type {HTMLButtonElement} */
    this.clearButton = find(element, "#draw-clear");
    /** @type {HTMLButtonElement} */
    this.penButton = find(element, "#draw-pen");
    this.boxes = find(element, ".boxes");
    this.hint = find(element, ".hint");
    this.notice = find(element, ".notice");

    this.drawing = new Drawing();
    /** @type {import("./message.js").Message | null} */
    this.message = null; // what was sent last
    this.loads = 0; // pictures that were to be shown; only the newest is
    this.reader = new DrawingReader((reading) => this.tell(reading));
    this.pacer = new Pacer(() => this.send(), SEND_INTERVAL);
    this.pen = new Pen(this.canvas, {
      begin: (point) => this.change(() => this.drawing.begin(point)),
      extend: (points) => this.change(() => this.drawing.extend(points)),
      drop: () => this.change(() => this.drawing.undo()),
      end: () => this.pacer.now(), // the whole is read once more, now as what it has become
    });
    this.files = this.makeFiles();
    this.camera = this.makeCamera();
    this.listen();

    watch("value", () => this.take(props.value));
    this.reader.choose(props.network);
    new ResizeObserver(() => this.render()).observe(this.canvas);
    if (props.value) this.load(props.value); // set from Python before this script was here
    else this.render();
  }

  // --- Pictures -----------------------------------------------------------------------------------------------------

  makeFiles() {
    const board = find(this.element, ".board");
    /** @type {HTMLInputElement} */
    const input = find(this.element, "input[type=file]");
    find(this.element, "#draw-picture").addEventListener("click", () => this.files.choose());
    return new PictureFiles({ board, input }, (file) => this.load(file));
  }

  makeCamera() {
    /** @type {HTMLButtonElement} */
    const button = find(this.element, "#draw-camera");
    /** @type {HTMLVideoElement} */
    const video = find(this.element, "video");
    return new CameraButton(button, video, {
      start: () => this.say(""),
      take: (photo) => this.load(photo),
      fail: (error) => this.say(`The camera cannot be used: ${error.message}`),
      openOther: () => this.files.choose({ withCamera: true }),
    });
  }

  /** Show the picture of a data URL or a file; what is no picture leaves the pad, and what was read on it, as it is. */
  async load(/** @type {string | Blob} */ source) {
    const load = ++this.loads;
    try {
      const picture = await Picture.load(source);
      if (load === this.loads) this.lay(picture);
    } catch (error) {
      if (load === this.loads) this.say(/** @type {Error} */ (error).message);
    }
  }

  /** Show what was set from Python, where the visitor sees it: a data URL, or "" for an empty pad. */
  async take(/** @type {string} */ value) {
    if (!value) {
      this.clear();
      return;
    }
    this.props.value = ""; // so that the same picture, laid again, is a change
    await this.load(value);
    this.canvas.scrollIntoView({ block: "nearest" });
  }

  // --- Actions ------------------------------------------------------------------------------------------------------

  lay(/** @type {Picture} */ picture) {
    this.act(() => this.drawing.lay(picture));
  }

  clear() {
    this.act(() => this.drawing.clear());
  }

  undo() {
    this.act(() => this.drawing.undo());
  }

  /** Do something to the drawing as a whole; a stroke that is being drawn ends here. */
  act(/** @type {() => void} */ action) {
    this.pen.letGo();
    this.loads += 1;
    showBoxes(this.boxes, [], readArea(this.drawing));
    this.change(action);
    this.pacer.now();
  }

  /** Draw everything with the next width of the pen. */
  changePen() {
    const widths = Object.values(PENS);
    const next = (widths.indexOf(this.drawing.pen) + 1) % widths.length;
    this.change(() => (this.drawing.pen = widths[next]));
  }

  change(/** @type {() => void} */ action) {
    action();
    this.say("");
    this.render();
    this.pacer.soon();
  }

  /** Give the server what is on the pad. */
  send() {
    if (this.drawing.picture && this.pen.isDown) return; // its file is large
    this.message = writeMessage(this.drawing);
    this.reader.read(this.message, this.pen.isDown);
    this.tellMessage();
  }

  tellMessage() {
    document.dispatchEvent(new CustomEvent("drawing-sent", { detail: this.message }));
  }

  // --- What is shown ------------------------------------------------------------------------------------------------

  render() {
    const side = Math.round(this.canvas.clientWidth * devicePixelRatio);
    if (!side) {
      if (this.camera.isOn) this.camera.stop(); // the visitor has gone to another tab
      return;
    }
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    context.scale(side, side);
    this.drawing.paint(context, getComputedStyle(this.canvas).color);
    this.hint.hidden = !this.drawing.isEmpty;
    this.clearButton.disabled = this.drawing.isEmpty;
    this.undoButton.disabled = !this.drawing.canUndo;
    this.showPen();
  }

  showPen() {
    const name = Object.entries(PENS).find(([, width]) => width === this.drawing.pen)?.[0];
    this.penButton.ariaLabel = `Pen width: ${name}`;
    this.penButton.dataset.width = name;
  }

  /** Pass on what the network says, and frame the digits of a number. */
  tell(/** @type {import("./drawing_reader.js").Reading | null} */ reading) {
    showBoxes(this.boxes, reading?.boxes ?? [], readArea(this.drawing));
    document.dispatchEvent(new CustomEvent("drawing-read", { detail: reading }));
  }

  /** Tell again what was sent and what was read, to somebody who comes late. */
  repeat() {
    this.tellMessage();
    this.reader.repeat();
  }

  say(/** @type {string} */ text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  // --- Buttons and keys ---------------------------------------------------------------------------------------------

  listen() {
    this.undoButton.addEventListener("click", () => this.undo());
    this.clearButton.addEventListener("click", () => this.clear());
    this.penButton.addEventListener("click", () => this.changePen());
    listenWhileMounted(this.element, "keydown", (event) => this.press(event));
    listenWhileMounted(this.element, "paste", (event) => this.paste(event));
    listenWhileMounted(this.element, "network-chosen", (event) => this.reader.choose(event.detail));
    listenWhileMounted(this.element, "drawing-wanted", () => this.repeat());
  }

  /** Whether keys and pasted pictures are meant for the pad: it is in view and nobody is typing. */
  get isAddressed() {
    return this.canvas.offsetParent !== null && !document.activeElement?.matches(TYPED_IN);
  }

  press(/** @type {KeyboardEvent} */ event) {
    if (!this.isAddressed) return;
    const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (isUndo) this.undo();
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (event.key === "Escape" && this.camera.isOn) this.camera.stop();
    else return;
    event.preventDefault();
  }

  paste(/** @type {ClipboardEvent} */ event) {
    const file = pastedPicture(event);
    if (this.isAddressed && file) this.load(file);
  }
}
