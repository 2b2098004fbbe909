import { percent, setText } from "../elements.js";
import { find } from "../mounting.js";
import { isTellable } from "./server.js";
import { isLive, nameOf } from "./wording.js";

/**
 * The projector's view, ?view=screen: the chart, the board, and how to join.
 *
 * @import { Run } from "./types.js"
 * @import { Server } from "./server.js"
 */

export const HOLD = 8_000; // ms for which a result stays on the projector

export const isScreen = () => new URLSearchParams(location.search).get("view") === "screen";

/**
 * Lay the page out for a projector.
 * @param {HTMLElement} view
 * @param {Server} server
 */
export function openScreen(view, server) {
  document.documentElement.classList.add("view-screen");
  view.classList.add("screen");
  for (const part of view.querySelectorAll(".screen-only")) /** @type {HTMLElement} */ (part).hidden = false;
  showAddress(find(view, ".address"), server);
}

/**
 * Show the address of the demo with its QR code, for phones in the same network.
 * @param {HTMLElement} aside
 * @param {Server} server
 */
async function showAddress(aside, server) {
  const [title, text] = [find(aside, "h2"), find(aside, "p")];
  const image = /** @type {HTMLImageElement} */ (find(aside, "img"));
  try {
    const page = `${location.origin}${location.pathname}`;
    const { url, qr } = await server.ask(`address?page=${encodeURIComponent(page)}`);
    image.hidden = title.hidden = !qr;
    if (qr) image.src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
    text.textContent = url?.replace(/^https?:\/\/|\/$/g, "") ?? "Only this computer can join. Start the demo with --host 0.0.0.0 to let phones in.";
  } catch (error) {
    if (!isTellable(error)) throw error;
    image.hidden = title.hidden = true;
    text.textContent = error.message;
  }
}

/**
 * Show the result of the run on the projector in large figures, beside the best of all; hide them while it trains.
 * @param {HTMLElement} verdict
 * @param {Run | null} shown
 * @param {Run[]} runs
 */
export function showVerdict(verdict, shown, runs) {
  const results = runs.filter((run) => !isLive(run) && run.test_accuracy !== null);
  const best = results.toSorted((a, b) => (b.test_accuracy ?? 0) - (a.test_accuracy ?? 0))[0];
  verdict.hidden = !shown || isLive(shown) || shown.test_accuracy === null;
  if (verdict.hidden || !shown) return;
  setText(find(verdict, ".accuracy"), percent(shown.test_accuracy));
  const isBest = (best.test_accuracy ?? 0) <= (shown.test_accuracy ?? 0);
  setText(find(verdict, ".best"), isBest ? "The best result so far" : `Best so far: ${percent(best.test_accuracy)}, ${nameOf(best)}`);
}
