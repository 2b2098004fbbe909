"""Which pixels speak for a digit."""

import numpy as np
import pytest
import torch
from torch import nn

from mnist_demo.data.batches import to_input
from mnist_demo.data.datasets import load_split
from mnist_demo.errors import ImageError, SettingsError
from mnist_demo.insight import integrated_gradients
from mnist_demo.insight.saliency import occlusion
from mnist_demo.networks.checkpoints import WEIGHTS, load_checkpoint
from mnist_demo.networks.fusion import fuse_batch_norm


@pytest.fixture(scope="module")
def test_split():
    return load_split(train=False)


@pytest.fixture
def linear():
    """A network whose logits are sums of weighted pixels."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def change_of(model, images, digits):
    """Return by how much the digits' logits differ from those of a black picture."""
    with torch.inference_mode():
        logits = model.eval()(to_input(torch.from_numpy(images))) - model(torch.zeros(1, 1, 28, 28))
    return logits.numpy()[np.arange(len(images)), digits]


class TestIntegratedGradients:
    def test_those_of_a_linear_network_are_weight_times_difference(self, linear, test_split):
        images, digits = test_split.images[:5], test_split.labels[:5]
        expected = linear[1].weight.detach().numpy()[digits].reshape(5, 28, 28) * (images / 255)
        relevance = integrated_gradients(linear, images, digits, steps=1)
        assert relevance.dtype == np.float32
        np.testing.assert_allclose(relevance, expected, atol=1e-6)

    @pytest.mark.parametrize("name", ["mlp-relu", "mlp-sigmoid", "cnn", "digitnet"])
    def test_they_sum_to_the_change_of_the_logit_within_one_percent(self, test_split, name):
        model = load_checkpoint(WEIGHTS / f"{name}.safetensors").model
        images, digits = test_split.images[:12], test_split.labels[:12].astype(int)
        change = change_of(model, images, digits)
        np.testing.assert_allclose(integrated_gradients(model, images, digits).sum(axis=(1, 2)), change, rtol=0.01)

    def test_where_a_network_bends_often_they_sum_to_it_too(self, test_split):
        model = load_checkpoint(WEIGHTS / "fastnet.safetensors").model
        hard = [29, 96, 107, 190, 251]  # of which 256 points miss 1.2 to 8.9%
        images, digits = test_split.images[hard], test_split.labels[hard].astype(int)
        change = change_of(model, images, digits)
        np.testing.assert_allclose(integrated_gradients(model, images, digits).sum(axis=(1, 2)), change, rtol=0.01)

    def test_against_another_digit_they_sum_to_the_change_of_its_lead(self, test_split):
        model = load_checkpoint(WEIGHTS / "mlp-relu.safetensors").model
        images, fours, nines = test_split.images[:4], [4] * 4, [9] * 4
        lead = change_of(model, images, fours) - change_of(model, images, nines)
        relevance = integrated_gradients(model, images, fours, against=nines)
        np.testing.assert_allclose(relevance.sum(axis=(1, 2)), lead, rtol=0.01, atol=0.01)

    def test_they_work_with_folded_batch_norm_and_leave_the_network_as_it_was(self, test_split):
        model = load_checkpoint(WEIGHTS / "fastnet.safetensors").model
        model.train()
        before = {name: value.clone() for name, value in model.state_dict().items()}
        images, digits = test_split.images[:2], [7, 2]
        relevance = integrated_gradients(model, images, digits)
        assert model.training
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
        assert all(parameter.grad is None for parameter in model.parameters())
        folded = integrated_gradients(fuse_batch_norm(model.eval()), images, digits)
        np.testing.assert_allclose(folded, relevance, atol=1e-3)

    def test_none_is_a_result_too(self, linear):
        assert integrated_gradients(linear, np.zeros((0, 28, 28), np.uint8), []).shape == (0, 28, 28)

    @pytest.mark.parametrize(
        ("images", "digits", "steps", "error", "message"),
        [
            (np.zeros((1, 28, 28)), [7], 8, ImageError, "expected images"),
            (np.zeros((28, 28), np.uint8), [7], 8, ImageError, "expected images"),
            (np.zeros((1, 28, 28), np.uint8), [7, 8], 8, SettingsError, "digits: expected 1 whole numbers"),
            (np.zeros((1, 28, 28), np.uint8), [0.5], 8, SettingsError, "digits: expected 1 whole numbers"),
            (np.zeros((1, 28, 28), np.uint8), [10], 8, SettingsError, "digits: expected 0 to 9, found 10"),
            (np.zeros((1, 28, 28), np.uint8), [7], 0, SettingsError, "steps: expected at least 1"),
        ],
    )
    def test_what_is_wrong_is_told(self, linear, images, digits, steps, error, message):
        with pytest.raises(error, match=message):
            integrated_gradients(linear, images, digits, steps)


class TestOcclusion:
    def test_covering_single_pixels_of_a_linear_network_takes_their_share(self, linear, test_split):
        images, digits = test_split.images[:2], test_split.labels[:2]
        np.testing.assert_allclose(
            occlusion(linear, images, digits, size=1), integrated_gradients(linear, images, digits), atol=1e-5
        )

    def test_a_pixel_has_the_mean_of_the_patches_that_cover_it(self):
        counting = nn.Sequential(nn.Flatten(), nn.Linear(784, 10, bias=False))
        nn.init.ones_(counting[1].weight)
        image = np.zeros((1, 28, 28), np.uint8)
        image[0, 14, 14] = 255
        expected = np.zeros((28, 28))
        for row in range(12, 17):  # a patch of 3 px covers the pixel if its centre is near
            for column in range(12, 17):
                expected[row, column] = (
                    sum(
                        abs(row + down - 14) <= 1 and abs(column + right - 14) <= 1
                        for down in (-1, 0, 1)
                        for right in (-1, 0, 1)
                    )
                    / 9
                )
        np.testing.assert_allclose(occlusion(counting, image, [0], size=3)[0], expected, atol=1e-6)

    @pytest.mark.parametrize("size", [0, 2, 29])
    def test_a_patch_without_a_middle_is_told(self, linear, size):
        with pytest.raises(SettingsError, match="size: expected an odd number from 1 to 28"):
            occlusion(linear, np.zeros((1, 28, 28), np.uint8), [0], size)


@pytest.mark.parametrize("name", ["mlp-relu", "cnn"])
def test_the_most_marked_pixels_matter_three_times_as_much_as_any(test_split, name):
    """Of a tenth of the pixels; the measurement on 1,000 images and all networks is in benchmarks/."""
    model = load_checkpoint(WEIGHTS / f"{name}.safetensors").model
    images, digits = test_split.images[:100], test_split.labels[:100].astype(int)
    relevance = integrated_gradients(model, images, digits, steps=32).reshape(100, -1)
    random = np.random.default_rng(0)

    def fall(order):
        blotted = images.reshape(100, -1).copy()
        np.put_along_axis(blotted, order[:, :78], 0, axis=1)
        return (change_of(model, images, digits) - change_of(model, blotted.reshape(-1, 28, 28), digits)).mean()

    assert fall(np.argsort(-relevance, axis=1)) >= 3 * fall(random.permuted(np.tile(np.arange(784), (100, 1)), axis=1))
