import { find, listenWhileMounted } from "../mounting.js";

const WIDE = "(min-width: 900px)"; // where all parts of a result stand open from the start

const OWN_MOVES = ["wheel", "touchmove", "pointerdown", "keydown"]; // by which visitors go elsewhere

/**
 * Let the links at the top of a run lead to its parts: a part that is closed opens, one that is hidden has no link. The
 * part stays in view while what is above it still loads, until the visitor moves on.
 * @param {HTMLElement} view
 */
export function linkSections(view) {
  /** @type {HTMLElement | null} */
  let target = null;
  new ResizeObserver(() => target?.scrollIntoView()).observe(view);
  for (const type of OWN_MOVES) listenWhileMounted(view, type, () => (target = null));
  for (const part of view.querySelectorAll("details.part")) {
    /** @type {HTMLDetailsElement} */ (part).open = part.classList.contains("first") || matchMedia(WIDE).matches;
  }
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (view.querySelectorAll(".sections a"))) {
    const section = find(view, link.hash);
    link.addEventListener("click", (event) => {
      event.preventDefault(); // the address stays that of the page
      if (section instanceof HTMLDetailsElement) section.open = true;
      target = section;
      target.scrollIntoView(); // at once: a slow scroll would end where the part was when it began
    });
    const follow = () => (link.hidden = section.hidden);
    new MutationObserver(follow).observe(section, { attributeFilter: ["hidden"] });
    follow();
  }
}

/**
 * Bring the chart into view, where less than half of it can be seen: on a phone it lies below the form.
 * @param {HTMLElement} view
 */
export function revealChart(view) {
  const { top, bottom, height } = find(view, "#train-chart").getBoundingClientRect();
  const seen = Math.min(bottom, innerHeight) - Math.max(top, 0);
  if (seen < height / 2) view.scrollIntoView({ behavior: "smooth" });
}
