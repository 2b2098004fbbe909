import { find } from "../mounting.js";

const WIDE = "(min-width: 900px)"; // where all parts of a result stand open from the start

/**
 * Let the links at the top of a run lead to its parts: a part that is closed opens, one that is hidden has no link.
 * @param {HTMLElement} view
 */
export function linkSections(view) {
  for (const part of view.querySelectorAll("details.part")) {
    /** @type {HTMLDetailsElement} */ (part).open = part.classList.contains("first") || matchMedia(WIDE).matches;
  }
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (view.querySelectorAll(".sections a"))) {
    const section = find(view, link.hash);
    link.addEventListener("click", (event) => {
      event.preventDefault(); // the address stays that of the page
      if (section instanceof HTMLDetailsElement) section.open = true;
      section.scrollIntoView({ behavior: "smooth" });
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
