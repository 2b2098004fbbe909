import { make } from "../elements.js";

/** @import { LiveChart } from "./chart/chart.js" */

const KINDS = { "train-loss": "Training loss", "test-loss": "Test loss", "test-accuracy": "Test accuracy" };

/**
 * Write what the lines of a chart are: of one run the kinds, of several the runs.
 * @param {HTMLElement} list
 * @param {LiveChart} chart
 */
export function showLegend(list, chart) {
  if (!chart.isComparing) {
    list.replaceChildren(...Object.entries(KINDS).map(([className, text]) => make("li", { className }, text)));
    return;
  }
  const items = chart.curves.map(({ id, label }) => {
    const item = make("li", { title: label }, label);
    item.style.setProperty("--curve", chart.colorOf(id));
    return item;
  });
  list.replaceChildren(...items, make("li", { className: "note" }, "dashed: test loss"));
}
