"""Training and reading on a CUDA device; where there is none, nothing here runs."""

from functools import partial

import numpy as np
import pytest
import torch
from waiting import wait_for

from mnist_demo.data.batches import Data
from mnist_demo.data.datasets import load_split
from mnist_demo.networks.registry import MODELS, build_model
from mnist_demo.reading.predictor import Predictor
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.training.augmentation import augment
from mnist_demo.training.distortion import distort
from mnist_demo.training.events import Ended, EpochEnded, Started
from mnist_demo.training.loop import Training, train
from mnist_demo.training.recipes import RECIPES, configure
from mnist_demo.training.teaching import Course, Ensemble, learn

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


@pytest.fixture(scope="module")
def splits(small_mnist):
    return load_split(small_mnist, train=True), load_split(small_mnist, train=False)


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name != "digitnet"])
def test_every_recipe_learns_there(recipe, splits):
    config = configure(recipe, epochs=2, device="cuda", batch_size=50)
    events = list(train(build_model(config.model, seed=0), *splits, config))
    assert isinstance(events[0], Started)
    assert events[0].device == "cuda"
    untrained, *_, last = (event for event in events if isinstance(event, EpochEnded))
    assert last.test_loss < untrained.test_loss
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "finished"


def test_the_network_for_drawing_learns_there_too(splits):
    config = configure("digitnet", epochs=1, device="cuda", validation_size=200)
    *_, ended = train(build_model("digitnet", seed=0), *splits, config)
    assert isinstance(ended, Ended)
    assert ended.reason == "finished"


@pytest.mark.parametrize("step", [augment, partial(distort, share=1.0)])
def test_pictures_vary_there_by_a_generator_of_the_device(step, splits):
    images = torch.from_numpy(splits[1].images).cuda().unsqueeze(1) / 255
    first, again = (step(images, torch.Generator("cuda").manual_seed(0)) for _ in range(2))
    assert first.device == images.device
    assert torch.equal(first, again)
    assert not torch.equal(first, images)


def test_an_ensemble_teaches_there(splits):
    data = Data.load(splits[0], torch.device("cuda"))
    course = Course(epochs=1, batch_size=50)
    with torch.backends.cudnn.flags(enabled=True, deterministic=True):
        teacher = learn(Ensemble(build_model("digitnet", 1)).cuda(), data, course, seed=0)
        first, again = (learn(Ensemble(build_model("digitnet", 0)).cuda(), data, course, 0, teacher) for _ in range(2))
    torch.testing.assert_close(first.state_dict(), again.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("name", MODELS)
def test_networks_say_there_what_they_say_on_the_cpu(name, splits):
    images = splits[1].images[:200]
    here, there = (Predictor.load(name, device).read_prepared(images) for device in ("cpu", "cuda"))
    ours, theirs = (np.array([prediction.probabilities for prediction in answers]) for answers in (here, there))
    np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert [prediction.digit for prediction in here] == [prediction.digit for prediction in there]


def test_a_run_goes_on_there_from_its_state(splits):
    config = configure("mlp-relu", epochs=2, device="cuda")
    first = Training(build_model("mlp-relu", seed=0), *splits, config)
    for event in first.events():
        if isinstance(event, EpochEnded) and event.epoch == 1:
            state = first.state()
            break
    second = Training(build_model("mlp-relu", seed=1), *splits, config)
    second.restore(state)
    epochs = [event.epoch for event in second.events() if isinstance(event, EpochEnded)]
    assert epochs == [2]


def test_a_worker_trains_there(small_mnist, tmp_path):
    trainer = BackgroundTrainer(small_mnist, tmp_path)
    try:
        run = trainer.book.run(trainer.start(configure("mlp-relu", epochs=1, device="cuda")))
        wait_for(lambda: run.is_over)
        assert run.state == "finished", run.message
        assert '"device": "cuda"' in trainer.book.store.events(run.id)[0]
    finally:
        trainer.close()
