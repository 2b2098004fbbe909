/**
 * What the server says of runs: serving/routes/runs.py and results.py, training/events.py. Accuracies are in [0, 1],
 * losses mean cross-entropy in nats.
 *
 * @typedef {"queued" | "running" | "finished" | "stopped" | "failed"} RunState
 *
 * @typedef {object} Run - a run in the server's list
 * @property {string} run - its id
 * @property {number} number
 * @property {string} name
 * @property {string} nickname - of whoever started it
 * @property {string} recipe
 * @property {number} epochs - that it is to train
 * @property {number} learning_rate
 * @property {RunState} state
 * @property {boolean} paused
 * @property {number | null} place - how many runs come before a queued one
 * @property {number} events - how many it has
 * @property {number | null} parameters
 * @property {number | null} epoch - the newest whole one; 0 is the untrained network
 * @property {number | null} test_accuracy - after that
 * @property {number | null} best_test_accuracy - after any epoch
 * @property {number | null} best_epoch
 * @property {number} seconds - of training
 * @property {{ [percent: string]: number }} reached - seconds of training until the test accuracy was 97, 98 and 99%
 * @property {string} message - why it has ended
 * @property {number} resumed - another number each time that it goes on after a cut
 * @property {boolean} has_weights
 * @property {boolean} resumable
 * @property {boolean} mine - this visitor may steer it
 *
 * @typedef {{ event: "started", run: string, recipe: string, device: string, train_size: number, test_size: number,
 *   parameters: number }} StartedEvent
 * @typedef {{ event: "batch", epoch: number, examples_seen: number, train_loss: number, examples_per_second: number }}
 *   BatchEvent
 * @typedef {{ event: "learning_rate", examples_seen: number, learning_rate: number }} LearningRateEvent
 * @typedef {{ event: "evaluation", split: "train" | "test", epoch: number, examples: number, size: number,
 *   loss: number, accuracy: number }} EvaluationEvent
 * @typedef {{ event: "epoch", epoch: number, train_loss: number | null, train_accuracy: number | null,
 *   test_loss: number, test_accuracy: number, seconds: number }} EpochEvent
 * @typedef {{ event: "ended", reason: RunState, message: string, weights: string | null, train_accuracy: number | null,
 *   test_accuracy: number | null }} EndedEvent
 * @typedef {StartedEvent | BatchEvent | LearningRateEvent | EvaluationEvent | EpochEvent | EndedEvent} RunEvent
 *
 * @typedef {{ runs: number, epochs: number, seconds: number, pause: number }} Limits - what a visitor may ask for
 * @typedef {{ has_instructor: boolean, instructor: boolean, refusal: string, limits: Limits }} Room
 * @typedef {[digit: number, confidence: number]} Guess
 * @typedef {{ digits: Guess[], drawing?: Guess }} PastReading
 * @typedef {{ snapshot: number, digits: Guess[], drawing: Guess | null, error?: string }} ReadingAnswer
 *
 * @typedef {object} LiveAnswer - to `POST live`: what is new since the last one
 * @property {number} version - of the list of runs
 * @property {number} total - runs that the server has
 * @property {Run[]} runs
 * @property {string[] | null} removed - ids; null where all that was known is to be forgotten
 * @property {string[]} removed_by_instructor - those of them that the instructor has removed
 * @property {Run[]} [older]
 * @property {number} [before] - the number of a run, below which none have been sent
 * @property {Room} [room]
 * @property {RunEvent[]} [events] - of the run that is shown
 * @property {ReadingAnswer | null} [reading] - by its network
 *
 * @typedef {{ index: number, label: number, pixels: string }} WatchedDigit
 * @typedef {{ index: number, label: number, digit: number, confidence: number, pixels: string }} Sample
 *
 * @typedef {{ side: number, units: string[] }} FirstLayer - the weights of each unit, as base64 of bytes
 *
 * @typedef {object} Analysis - of a trained network on the test images
 * @property {number[][]} confusion - counts, a row for each label
 * @property {(number | null)[]} classes - accuracy by digit
 * @property {Sample[]} mistakes
 * @property {FirstLayer} first_layer
 *
 * @typedef {(run: string, action: string, value?: number) => void} Act - do something with a run
 */

export {};
