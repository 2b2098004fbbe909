import { send } from "../asking.js";
import { make } from "../elements.js";
import { find, listenWhileMounted } from "../mounting.js";

const PAUSE = 150; // ms without a new drawing before its steps are asked for

/** @param {import("../mounting.js").Component} component */
export function mount({ element }) {
  new Steps(element);
}

/** The steps of the preparation of what is on the pad; while they are closed they cost nothing. */
class Steps {
  /** @param {HTMLElement} element */
  constructor(element) {
    /** @type {HTMLDetailsElement} */
    this.details = find(element, "details");
    this.list = find(element, ".steps");
    this.nothing = find(element, ".nothing");
    this.invitation = this.nothing.textContent ?? "";
    /** @type {import("../draw_pad/message.js").Message | null} */
    this.drawing = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    listenWhileMounted(element, "drawing-sent", (event) => this.take(event.detail));
    this.details.addEventListener("toggle", () => this.askSoon());
    document.dispatchEvent(new Event("drawing-wanted")); // a quick hand may have drawn before this was here
  }

  /** @param {import("../draw_pad/message.js").Message | null} drawing */
  take(drawing) {
    this.drawing = drawing;
    this.askSoon();
  }

  askSoon() {
    clearTimeout(this.timer);
    if (this.details.open) this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const { drawing } = this;
    const answer = drawing ? await send("steps", { method: "POST", ...drawing }) : {};
    if (drawing === this.drawing) this.show(answer ?? { error: "The server does not answer." });
  }

  /** @param {{ steps?: { title: string, picture: string }[], error?: string }} answer */
  show({ steps = [], error = this.invitation }) {
    this.nothing.textContent = error;
    this.nothing.hidden = steps.length > 0;
    this.list.replaceChildren(...steps.map(makeStep));
  }
}

/** @param {{ title: string, picture: string }} step */
function makeStep({ title, picture }) {
  return make("li", {}, make("img", { src: picture, alt: "" }), make("span", {}, title));
}
