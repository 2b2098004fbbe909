import assert from "node:assert/strict";
import { test } from "node:test";

import { makeFrom } from "./page.js";

const { tellMissing } = await import("../../mnist_demo/ui/components/inside/robustness.js");

const COMMAND = "python -m mnist_demo.damage_curves";
const KNOWN = { samples: 100, command: COMMAND, clean: { cnn: 0.98 } };

/** Return what is said of a network. */
function tell(figures, network) {
  const paragraph = makeFrom("<p hidden></p>");
  tellMissing(paragraph, figures, network);
  return paragraph.hidden ? "" : paragraph.textContent;
}

test("nothing is said of a network that was measured", () => {
  assert.equal(tell(KNOWN, "cnn"), "");
});

test("of another it is said why there are no figures, and which command would help", () => {
  assert.equal(tell(KNOWN, "fastnet"), `fastnet is not measured with these weights; on the server: ${COMMAND}`);
  assert.equal(tell(KNOWN, "run:0123abcd"), "The networks of runs are not measured, only the bundled ones.");
  assert.equal(
    tell({ samples: 100, command: COMMAND }, "cnn"),
    `Not measured for this data and these weights; on the server: ${COMMAND}`,
  );
  assert.equal(tell({ samples: 100, command: null }, "run:1"), "Not measured: no bundled network has learned this dataset.");
});
