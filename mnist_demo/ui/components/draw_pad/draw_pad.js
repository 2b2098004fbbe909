import { listenWhileMounted } from "../mounting.js";
import { Camera } from "./camera.js";
import { DrawingReader } from "./drawing_reader.js";
import { drawStrokes } from "./strokes.js";

const EXPORT_SIDE = 280; // px of a drawing as the server gets it
const MAX_PICTURE_SIDE = 840; // px of a photo as the server gets it
const SEND_INTERVAL = 33; // ms between two pictures while the pen moves

/**
 * The drawing pad.
 *
 * The drawing is held here, as strokes over an optional picture. What the server sees is props.value: a data URL,
 * or "" for an empty pad, sent while the pen moves and once more when it lifts. The document hears of it by the events
 * "drawing-sent" and "drawing-read", the latter with what the network says; it asks for that again by "drawing-wanted",
 * and chooses the network by "network-chosen".
 */
export function mount({ element, props, watch }) {
  const board = element.querySelector(".board");
  const canvas = element.querySelector("canvas");
  const boxes = element.querySelector(".boxes");
  const hint = element.querySelector(".hint");
  const fileInput = element.querySelector("input[type=file]");
  const [undoButton, clearButton, pictureButton, cameraButton] = element.querySelectorAll("button");
  const camera = new Camera(element.querySelector("video"));
  const reader = new DrawingReader((detail) => document.dispatchEvent(new CustomEvent("drawing-read", { detail })));

  let strokes = [];
  let picture = null; // { image, side, left, top, width, height, paper, ink }, places in units of the pad's side
  let penId = null; // the pointer that draws; another finger or a palm is ignored
  let unsent = false;
  let sendTimer = null;
  let lastSent = -Infinity;

  // --- What is on the pad -------------------------------------------------------------------------------------------

  function changed() {
    unsent = true;
    render();
    if (sendTimer === null) {
      sendTimer = setTimeout(send, Math.max(0, lastSent + SEND_INTERVAL - performance.now()));
    }
  }

  /** Give the server what is on the pad, if it has not seen it yet. */
  function send() {
    clearTimeout(sendTimer);
    sendTimer = null;
    if (!unsent) return;
    unsent = false;
    lastSent = performance.now();
    props.value = exportPicture();
    reader.read(props.value, penId !== null);
    document.dispatchEvent(new Event("drawing-sent"));
  }

  function clear() {
    penId = null; // a stroke that is being drawn ends here
    strokes = [];
    picture = null;
    showBoxes([]);
    changed();
    send();
  }

  function undo() {
    penId = null;
    if (strokes.length) strokes.pop();
    else picture = null;
    changed();
    send();
  }

  /** Lay a picture on the pad, as large as it fits, in place of what is there. */
  function show(image) {
    const [width, height] = [image.naturalWidth ?? image.width, image.naturalHeight ?? image.height];
    const scale = 1 / Math.max(width, height);
    picture = {
      image,
      side: Math.max(width, height),
      left: (1 - width * scale) / 2,
      top: (1 - height * scale) / 2,
      width: width * scale,
      height: height * scale,
      ...lookAt(image),
    };
    penId = null;
    strokes = [];
    showBoxes([]);
    changed();
    send();
  }

  /** Return the colour of ink that shows on a picture, and the paper that shows through where it is transparent. */
  function lookAt(image) {
    const small = document.createElement("canvas").getContext("2d");
    small.canvas.width = small.canvas.height = 16;
    small.drawImage(image, 0, 0, 16, 16);
    const { data } = small.getImageData(0, 0, 16, 16);
    let light = 0;
    let cover = 0;
    for (let at = 0; at < data.length; at += 4) {
      light += ((data[at] + data[at + 1] + data[at + 2]) / 3) * data[at + 3];
      cover += data[at + 3];
    }
    const isBright = light > 127 * cover;
    const isOpaque = cover === (255 * data.length) / 4;
    const paper = isBright ? "black" : "white";
    return { paper, ink: isOpaque === isBright ? "black" : "white" };
  }

  /** Show the picture of a data URL, a blob or a file; what is not a picture leaves the pad as it is. */
  function load(source) {
    const image = new Image();
    const url = typeof source === "string" ? source : URL.createObjectURL(source);
    image.onload = () => {
      show(image);
      if (url !== source) URL.revokeObjectURL(url);
    };
    image.onerror = () => say("This file is not a picture that the browser can show.");
    image.src = url;
  }

  // --- Drawing it ---------------------------------------------------------------------------------------------------

  function paint(context, ink) {
    if (picture) {
      context.imageSmoothingEnabled = picture.side > 100; // pixels of a small picture stay crisp
      context.fillStyle = picture.paper;
      context.fillRect(picture.left, picture.top, picture.width, picture.height);
      context.drawImage(picture.image, picture.left, picture.top, picture.width, picture.height);
    }
    drawStrokes(context, strokes, picture ? picture.ink : ink);
  }

  function render() {
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    if (!side) {
      if (camera.isOn) stopCamera(); // the visitor has gone to another tab
      return;
    }
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, side, side);
    context.scale(side, side);
    paint(context, getComputedStyle(canvas).color);
    const empty = !picture && !strokes.length;
    say(empty ? "Draw a digit" : "");
    undoButton.disabled = clearButton.disabled = empty;
  }

  function say(text) {
    hint.textContent = text;
    hint.hidden = !text;
  }

  /** Return the part of the pad that the server gets, and the px to which the pad's side is mapped. */
  function exportedArea() {
    if (!picture) return { left: 0, top: 0, width: 1, height: 1, side: EXPORT_SIDE };
    return { ...picture, side: Math.min(Math.max(picture.side, EXPORT_SIDE), MAX_PICTURE_SIDE) };
  }

  /** Frame the digits of a number, each as [left, top, right, bottom] in px of the exported picture. */
  function showBoxes(list) {
    const area = exportedArea();
    const margin = 0.012; // of the pad's side
    boxes.replaceChildren(
      ...list.map(([left, top, right, bottom]) => {
        const box = document.createElement("span");
        box.style.left = `${100 * (area.left + left / area.side - margin)}%`;
        box.style.top = `${100 * (area.top + top / area.side - margin)}%`;
        box.style.width = `${100 * ((right - left) / area.side + 2 * margin)}%`;
        box.style.height = `${100 * ((bottom - top) / area.side + 2 * margin)}%`;
        return box;
      }),
    );
  }

  /** Return the drawing as a data URL, white on black, or the part of the pad that a picture covers. */
  function exportPicture() {
    if (!picture && !strokes.length) return "";
    const area = exportedArea();
    const { side } = area;
    const context = document.createElement("canvas").getContext("2d");
    context.canvas.width = Math.max(1, Math.round(area.width * side));
    context.canvas.height = Math.max(1, Math.round(area.height * side));
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.scale(side, side);
    context.translate(-area.left, -area.top);
    paint(context, "white");
    const isPhoto = picture && picture.side > EXPORT_SIDE;
    return isPhoto ? context.canvas.toDataURL("image/jpeg", 0.92) : context.canvas.toDataURL("image/png");
  }

  // --- Pen ----------------------------------------------------------------------------------------------------------

  function positionOf(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (penId !== null || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    penId = event.pointerId;
    strokes.push([positionOf(event)]);
    changed();
  });

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== penId) return;
    const events = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1).push(...(events.length ? events : [event]).map(positionOf));
    changed();
  });

  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(type, (event) => {
      if (event.pointerId !== penId) return;
      penId = null;
      unsent = true; // the whole is read once more, now as what it has become
      send();
    });
  }

  // --- Buttons, keys, pictures --------------------------------------------------------------------------------------

  undoButton.addEventListener("click", undo);
  clearButton.addEventListener("click", clear);
  pictureButton.addEventListener("click", () => {
    fileInput.removeAttribute("capture");
    fileInput.click();
  });
  fileInput.addEventListener("change", () => {
    if (fileInput.files.length) load(fileInput.files[0]);
    fileInput.value = ""; // so that the same file can be chosen again
  });

  cameraButton.addEventListener("click", async () => {
    if (camera.isOn) {
      show(camera.take());
      stopCamera();
    } else if (Camera.isAllowed) {
      await startCamera();
    } else {
      fileInput.setAttribute("capture", "environment"); // a phone opens its own camera
      fileInput.click();
    }
  });

  async function startCamera() {
    cameraButton.disabled = true; // until there is something to take
    try {
      await camera.start();
      cameraButton.textContent = "Take";
      say("");
    } catch (error) {
      stopCamera();
      say(`No camera: ${error.message}`);
    } finally {
      cameraButton.disabled = false;
    }
  }

  function stopCamera() {
    camera.stop();
    cameraButton.textContent = "Camera";
  }

  /** Whether keys and pasted pictures are meant for the pad: it is in view and nobody is typing. */
  function isAddressed() {
    return canvas.offsetParent !== null && !document.activeElement?.matches("input, textarea, select");
  }

  function onKey(event) {
    if (!isAddressed()) return;
    const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (isUndo) undo();
    else if (event.key === "Delete" || event.key === "Backspace") clear();
    else if (event.key === "Escape" && camera.isOn) stopCamera();
    else return;
    event.preventDefault();
  }

  function onPaste(event) {
    const file = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    if (isAddressed() && file) load(file);
  }

  listenWhileMounted(element, "keydown", onKey);
  listenWhileMounted(element, "paste", onPaste);
  listenWhileMounted(element, "network-chosen", (event) => reader.choose(event.detail));
  listenWhileMounted(element, "drawing-wanted", () => reader.repeat());
  listenWhileMounted(element, "number-boxes", (event) => showBoxes(event.detail));

  board.addEventListener("dragover", (event) => {
    event.preventDefault();
    board.classList.add("dropping");
  });
  board.addEventListener("dragleave", () => board.classList.remove("dropping"));
  board.addEventListener("drop", (event) => {
    event.preventDefault();
    board.classList.remove("dropping");
    if (event.dataTransfer.files.length) load(event.dataTransfer.files[0]);
  });

  // --- Gradio -------------------------------------------------------------------------------------------------------

  watch("value", () => (props.value ? load(props.value) : clear()));
  reader.choose(props.network);
  new ResizeObserver(render).observe(canvas);
  if (props.value) load(props.value); // set from Python before this script was here
  else render();
}
