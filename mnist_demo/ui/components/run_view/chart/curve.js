/** What the chart shows of one run, and how far its events are known. */
export class Curve {
  constructor(run) {
    this.id = run.run;
    this.label = nameOf(run);
    this.epochs = run.epochs;
    this.clear(run.resumed);
  }

  /** Forget all, to begin anew with a run that has gone on after a cut, where its last events were forgotten, too. */
  clear(resumed) {
    this.resumed = resumed;
    this.known = 0; // events
    this.started = null; // the event of that name
    this.batch = null; // the newest events of these names
    this.epoch = null;
    this.evaluation = null; // the newest event of that name, while one goes on
    this.length = 0; // examples that the whole run will see, once that is known
    this.trainLoss = []; // [examples seen, loss]
    this.testLoss = [];
    this.testAccuracy = []; // [examples seen, share in [0, 1]]
    this.changes = []; // examples seen when the learning rate was changed
  }

  /** The next point of testAccuracy as far as it is known while the network is tested; null if it is not. */
  get testedSoFar() {
    if (this.evaluation?.split !== "test" || this.evaluation.epoch === this.epoch?.epoch) return null;
    return [this.evaluation.epoch * this.started.train_size, this.evaluation.accuracy];
  }

  /** Take in what happened next. */
  add(event) {
    this.known += 1;
    this.evaluation = event.event === "evaluation" ? event : null;
    if (event.event === "started") {
      this.started = event;
      this.length = this.epochs * event.train_size;
    } else if (event.event === "batch") {
      this.batch = event;
      this.trainLoss.push([event.examples_seen, event.train_loss]);
    } else if (event.event === "epoch") {
      this.epoch = event;
      const seen = event.epoch * this.started.train_size;
      this.testLoss.push([seen, event.test_loss]);
      this.testAccuracy.push([seen, event.test_accuracy]);
    } else if (event.event === "learning_rate") {
      this.changes.push(event.examples_seen);
    }
  }
}

/** Return what a run is called: by whoever started it, or by its number. */
export function nameOf(run) {
  return run.name || `Run ${run.number} · ${run.recipe}`;
}

export function isLive(run) {
  return run.state === "queued" || run.state === "running";
}
