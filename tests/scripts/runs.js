/** Return what the server says of a run, with some of it changed. */
export function makeRun(number, changes = {}) {
  return {
    run: `run${number}`,
    number,
    name: "",
    nickname: "",
    recipe: "mlp-relu",
    epochs: 3,
    learning_rate: 0.001,
    state: "finished",
    paused: false,
    place: null,
    events: 20,
    parameters: 39_760,
    epoch: 3,
    test_accuracy: 0.95,
    best_test_accuracy: 0.95,
    best_epoch: 3,
    seconds: 6,
    reached: {},
    message: "The run has finished.",
    resumed: 0,
    has_weights: true,
    resumable: false,
    mine: true,
    ...changes,
  };
}

export const STARTED = {
  event: "started",
  run: "run1",
  recipe: "mlp-relu",
  device: "cpu",
  train_size: 60_000,
  test_size: 10_000,
  parameters: 39_760,
};

export const batch = (examples_seen, examples_per_second = 30_000) => ({
  event: "batch",
  epoch: Math.ceil(examples_seen / 60_000),
  examples_seen,
  train_loss: 0.5,
  examples_per_second,
});

export const epoch = (number, test_accuracy = 0.9) => ({
  event: "epoch",
  epoch: number,
  train_loss: number ? 0.3 : null,
  train_accuracy: number ? 0.9 : null,
  test_loss: 0.25,
  test_accuracy,
  seconds: 2 * number,
});

export const evaluation = (split, number, examples, size, accuracy = 0.5) => ({
  event: "evaluation",
  split,
  epoch: number,
  examples,
  size,
  loss: 1,
  accuracy,
});
