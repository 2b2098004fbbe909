/** @import { ChartAxes } from "./axes.js" */

/** What stands on a chart beside its lines. */
export class ChartMarks {
  static RADIUS = 5; // px of the ring of a test that goes on

  /**
   * Paint a dotted line at every number of examples at which the learning rate was changed.
   * @param {CanvasRenderingContext2D} context
   * @param {ChartAxes} axes
   * @param {string} color
   * @param {number[]} changes
   */
  static paintChanges(context, axes, color, changes) {
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    for (const examples of changes) {
      const x = Math.round(axes.x(examples)) + 0.5;
      context.beginPath();
      context.moveTo(x, axes.top);
      context.lineTo(x, axes.bottom);
      context.stroke();
    }
    context.setLineDash([]);
  }

  /**
   * Paint the accuracy of a test that goes on as a ring; it moves until the test is over, and is filled then.
   * @param {CanvasRenderingContext2D} context
   * @param {ChartAxes} axes
   * @param {string} color
   * @param {[examples: number, share: number]} point
   */
  static paintTest(context, axes, color, [examples, share]) {
    const y = Math.min(axes.bottom, axes.accuracyY(share)); // that of the untrained network may be below the axis
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(axes.x(examples), y, ChartMarks.RADIUS, 0, 2 * Math.PI);
    context.stroke();
  }
}
