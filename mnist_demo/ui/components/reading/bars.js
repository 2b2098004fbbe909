import { make } from "../elements.js";
import { share } from "./share.js";

/** The probabilities of the ten classes, as bars that never change their order. */
export class Bars {
  /**
   * @param {HTMLElement} element
   * @param {string[]} classes - their names
   */
  constructor(element, classes) {
    this.element = element;
    this.classes = classes;
    this.rows = classes.map((name) => {
      const fill = make("div", { className: "fill" });
      const row = make("div", { className: "bar" }, make("div", { className: "track" }, fill));
      row.dataset.name = name;
      return { row, fill };
    });
    element.append(...this.rows.map(({ row }) => row));
  }

  /**
   * @param {number[]} probabilities - of the ten classes; none where nothing was read
   * @param {number | null} best - the digit to set off
   */
  show(probabilities, best) {
    this.rows.forEach(({ row, fill }, digit) => {
      const probability = probabilities[digit] ?? 0;
      row.classList.toggle("best", digit === best);
      row.dataset.percent = probabilities.length ? share(probability) : "";
      fill.style.transform = `scaleX(${probability})`;
    });
    const spoken = probabilities.map((probability, digit) => `${this.classes[digit]}: ${share(probability)}`).join(", ");
    this.element.setAttribute("aria-label", spoken ? `Probabilities: ${spoken}` : "No probabilities yet");
  }
}
