from itertools import pairwise

import pytest

from mnist_demo.runs.kept_epochs import MAX_BYTES, MAX_KEPT, KeptEpochs, epochs_to_keep


def write(size):
    return lambda path: path.write_bytes(bytes(size))


class TestWhichAreKept:
    def test_all_of_a_short_run(self):
        assert epochs_to_keep(19, 1_000) == list(range(20))

    def test_every_second_one_of_a_longer_run_and_the_newest(self):
        assert epochs_to_keep(25, 1_000) == [*range(0, 25, 2), 25]

    @pytest.mark.parametrize("newest", [20, 21, 99, 1_000, 12_345])
    def test_they_are_evenly_spaced(self, newest):
        kept = epochs_to_keep(newest, 1_000)
        assert MAX_KEPT // 2 <= len(kept) <= MAX_KEPT
        assert len({after - before for before, after in pairwise(kept[:-1])}) == 1

    def test_fewer_of_a_large_network_and_none_of_one_that_is_too_large(self):
        assert epochs_to_keep(10, MAX_BYTES // 5) == [0, 4, 8, 10]
        assert epochs_to_keep(10, MAX_BYTES) == []

    def test_none_is_wanted_again(self):
        kept = {0}
        for epoch in range(1, 300):
            wanted = set(epochs_to_keep(epoch, 1_000))
            assert wanted - {epoch} <= kept
            kept = wanted


class TestFiles:
    def test_a_long_run_takes_no_more_room_than_it_may(self, tmp_path):
        epochs = KeptEpochs(tmp_path / "epochs")
        for epoch in range(31):
            epochs.keep(epoch, write(100))
        assert epochs.kept() == list(range(0, 31, 2))
        assert sorted(path.name for path in (tmp_path / "epochs").iterdir()) == sorted(
            f"{epoch}.safetensors" for epoch in epochs.kept()
        )

    def test_what_a_killed_worker_left_half_written_goes_with_the_next_epoch(self, tmp_path):
        epochs = KeptEpochs(tmp_path)
        (tmp_path / ".0.safetensors.x7").write_bytes(b"half")
        epochs.keep(1, write(100))
        assert [path.name for path in tmp_path.iterdir()] == ["1.safetensors"]

    def test_a_run_without_any_has_none(self, tmp_path):
        epochs = KeptEpochs(tmp_path / "epochs")
        assert epochs.kept() == []
        epochs.remove()
