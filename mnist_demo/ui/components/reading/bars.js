import { make } from "../elements.js";
import { share } from "./share.js";

/** The probabilities of the ten digits, as bars that never change their order. */
export class Bars {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.rows = Array.from({ length: 10 }, (_, digit) => {
      const fill = make("div", { className: "fill" });
      const row = make("div", { className: "bar" }, make("div", { className: "track" }, fill));
      row.dataset.digit = `${digit}`;
      return { row, fill };
    });
    element.append(...this.rows.map(({ row }) => row));
  }

  /**
   * @param {number[]} probabilities - of the ten digits; none where nothing was read
   * @param {number | null} best - the digit to set off
   */
  show(probabilities, best) {
    this.rows.forEach(({ row, fill }, digit) => {
      const probability = probabilities[digit] ?? 0;
      row.classList.toggle("best", digit === best);
      row.dataset.percent = probabilities.length ? share(probability) : "";
      fill.style.transform = `scaleX(${probability})`;
    });
    const spoken = probabilities.map((probability, digit) => `${digit}: ${share(probability)}`).join(", ");
    this.element.setAttribute("aria-label", spoken ? `Probabilities: ${spoken}` : "No probabilities yet");
  }
}
