from dataclasses import replace

import pytest
from waiting import wait_for

from mnist_demo.errors import NotFoundError, RunsError, SettingsError
from mnist_demo.runs.book import CUT, RunBook
from mnist_demo.training.events import BatchReport, Ended, EpochEnded, Started
from mnist_demo.training.recipes import configure

CONFIG = configure("mlp-relu", epochs=3)
STARTED = Started("a1", "mlp-relu", "cpu", 60_000, 10_000, 39_760)
UNTRAINED = EpochEnded(0, None, None, 2.3, 0.1, 0.0)
BATCH = BatchReport(1, 640, 0.25, 31_000)
EPOCH = EpochEnded(1, 0.25, 0.9, 0.12, 0.96, 4.5)
FINISHED = Ended("finished", "The run has finished.", "a1.safetensors", 0.98, 0.97)
STOPPED = Ended("stopped", "The run was stopped.", "a1.safetensors", None, None)


@pytest.fixture
def book(open_book):
    return open_book()


def add(book, name=""):
    return book.add(CONFIG, name, "Zoë", "the-secret", is_limited=True)


def train(book, *events):
    """Let the next run begin, and this happen to it; it leaves behind what it could go on from."""
    run = book.take_next()
    for event in events:
        book.record(run, event)
        if event is EPOCH:
            book.store.state(run.id).write_bytes(b"all that it needs")
    return run


def kinds(book, run):
    return [event["event"] for event in book.events(run)]


class TestQueue:
    def test_runs_have_numbers_and_begin_in_their_order(self, book):
        runs = [add(book) for _ in range(3)]
        assert [run.number for run in runs] == [1, 2, 3]
        assert [book.take_next() for _ in runs] == runs
        assert [run.state for run in runs] == ["running"] * 3

    def test_a_run_knows_how_many_come_before_it(self, book):
        first, second, third = (add(book) for _ in range(3))
        assert [book.place(run) for run in (first, second, third)] == [0, 1, 2]
        book.take_next()
        assert [book.place(run) for run in (first, second, third)] == [None, 1, 2]
        book.record(first, FINISHED)
        assert [book.place(run) for run in (first, second, third)] == [None, 0, 1]

    @pytest.mark.parametrize(("place", "order"), [(0, [3, 1, 2]), (1, [1, 3, 2]), (2, [1, 2, 3]), (20, [1, 2, 3])])
    def test_a_run_can_be_moved(self, book, place, order):
        runs = [add(book) for _ in range(3)]
        book.move(runs[2], place)
        assert [run.number for run in book.queue] == order

    def test_a_run_that_does_not_wait_cannot_be_moved(self, book):
        run = add(book)
        book.take_next()
        with pytest.raises(SettingsError, match="run 1 is not queued"):
            book.move(run, 0)

    def test_a_withdrawn_run_that_had_not_begun_is_gone(self, book):
        first, second = add(book), add(book)
        version = book.version
        book.withdraw(first)
        assert book.runs() == book.queue == [second]
        assert (first.state, first.message) == ("stopped", "The run was removed before it began.")
        assert book.place(second) == 0
        assert book.changes(version)[1] == [first.id]
        assert book.place(first) is None


class TestRuns:
    def test_a_run_is_found_by_its_id(self, book):
        run = add(book, "Wide")
        assert book.run(run.id) is book.find(run.id) is run
        assert (run.name, run.nickname, run.token, run.config) == ("Wide", "Zoë", "the-secret", CONFIG)

    def test_no_two_runs_share_an_id(self, book):
        assert len({add(book).id for _ in range(50)}) == 50

    def test_an_unknown_one_is_told(self, book):
        assert book.find("x") is None
        with pytest.raises(NotFoundError, match=r"^there is no run 'x'$"):
            book.run("x")

    @pytest.mark.parametrize("run_id", [None, 7, ["x"], {"x": 1}, ("x",), "\ud800", "x" * 1000])
    def test_what_is_no_id_is_told_in_few_words(self, book, run_id):
        assert book.find(run_id) is None
        with pytest.raises(NotFoundError, match=r"^there is no run .{1,50}$"):
            book.run(run_id)

    def test_a_removed_one_is_gone_and_the_others_move_up(self, book):
        first, second = add(book), add(book)
        book.remove(first)
        assert book.runs() == [second]
        assert book.find(first.id) is None
        assert book.place(second) == 0
        for act in (lambda: book.run(first.id), lambda: book.remove(first)):
            with pytest.raises(NotFoundError, match=f"there is no run '{first.id}': it was removed"):
                act()

    def test_one_that_was_set_aside_can_be_restored_and_is_as_it_was(self, book):
        first, second, third = (add(book) for _ in range(3))
        version = book.version
        book.set_aside(second)
        assert book.changes(version)[1] == [second.id]
        assert (book.runs(), book.queue) == ([first, third], [first, third])
        assert book.restore(second.id) is second
        assert (book.runs(), book.queue) == ([first, second, third], [first, second, third])
        assert book.changes(version) == ([first, second, third], [])
        assert not book.was_removed_by_instructor(second.id)

    def test_one_that_was_set_aside_is_removed_for_good_after_a_while(self, open_book, monkeypatch):
        monkeypatch.setattr("mnist_demo.runs.book.UNDO_SECONDS", 0.01)
        book = open_book()
        run = add(book)
        book.set_aside(run)
        wait_for(lambda: not book._set_aside)
        with pytest.raises(NotFoundError, match="to restore"):
            book.restore(run.id)
        assert open_book().runs() == []

    def test_closing_the_book_removes_it_for_good(self, open_book):
        book = open_book()
        first, second = add(book), add(book)
        book.set_aside(first)
        book.close()
        assert [run.id for run in open_book().runs()] == [second.id]

    def test_a_server_that_is_killed_meanwhile_has_it_again(self, open_book):
        book = open_book()
        run = add(book)
        book.set_aside(run)
        assert [again.id for again in open_book().queue] == [run.id]

    def test_one_that_trains_cannot_be_removed(self, book):
        add(book)
        run = train(book, STARTED)
        with pytest.raises(SettingsError, match="run 1 is running: stop it first"):
            book.remove(run)
        assert book.runs() == [run]


class TestBest:
    def test_a_run_knows_its_best_epoch_also_after_a_new_start(self, open_book):
        book = open_book()
        add(book)
        later = replace(EPOCH, epoch=2), replace(EPOCH, epoch=3, test_accuracy=0.95)
        run = train(book, STARTED, UNTRAINED, EPOCH, *later, FINISHED)
        assert (run.best_test_accuracy, run.best_epoch) == (0.96, 1)
        again = open_book().run(run.id)
        assert (again.best_test_accuracy, again.best_epoch) == (0.96, 1)


class TestChanges:
    """What a page gets to know that has seen all up to a version."""

    def test_nothing_new_is_nothing(self, book):
        add(book)
        assert book.changes(book.version) == ([], [])

    def test_a_run_to_which_something_happened_is_told(self, book):
        first, _ = add(book), add(book)
        train(book)
        version = book.version
        book.record(first, STARTED)
        assert book.changes(version) == ([first], [])
        version = book.version
        book.pause(first, True)
        assert book.changes(version) == ([first], [])

    @pytest.mark.parametrize("happen", ["take_next", "withdraw", "remove", "move"])
    def test_those_whose_place_has_changed_are_told_too(self, book, happen):
        first, second, third = (add(book) for _ in range(3))
        version = book.version
        if happen == "move":
            book.move(third, 0)
        elif happen == "take_next":
            book.take_next()
        else:
            getattr(book, happen)(first)
        changed, _ = book.changes(version)
        assert second in changed
        assert third in changed

    def test_a_removed_run_is_told_once(self, book):
        run = add(book)
        version = book.version
        book.remove(run)
        assert book.changes(version) == ([], [run.id])
        assert book.changes(book.version) == ([], [])

    def test_a_page_that_knows_nothing_or_comes_from_the_future_is_told_all(self, book):
        add(book)
        assert book.changes(0) is None
        assert book.changes(book.version + 1) is None

    def test_a_page_that_has_seen_the_server_before_is_told_all(self, open_book):
        book = open_book()
        add(book)
        known = book.version
        assert open_book().changes(known) is None

    def test_what_has_changed_is_told_by_number_however_often_and_in_which_order_it_did(self, book):
        first, second, third = (add(book) for _ in range(3))
        version = book.version
        for run in (third, first, third):
            book.pause(run, True)
        assert book.changes(version) == ([first, third], [])
        version = book.version
        book.pause(second, True)
        assert book.changes(version) == ([second], [])

    def test_of_long_lost_runs_only_some_are_remembered_and_old_pages_are_told_all(self, book, monkeypatch):
        monkeypatch.setattr("mnist_demo.runs.run_list.MAX_REMOVED", 3)
        versions = []
        for _ in range(5):
            run = add(book)
            versions.append(book.version)
            book.remove(run)
        assert book.changes(versions[1]) is None
        assert len(book.changes(versions[2])[1]) == 3
        assert book.changes(book.version) == ([], [])

    def test_a_run_goes_on_under_another_number_each_time(self, book):
        add(book)
        run = train(book, STARTED, UNTRAINED, EPOCH, STOPPED)
        numbers = [run.resumed]
        for _ in range(2):
            book.resume(run)
            numbers.append(book.run(run.id).resumed)
            run = train(book, STOPPED)
        assert len(set(numbers)) == 3


class TestPages:
    """A list that may be long."""

    def test_runs_come_in_pages_from_the_newest_back(self, book):
        runs = [add(book) for _ in range(5)]
        assert book.page(2) == runs[3:]
        assert book.page(2, before=4) == runs[1:3]
        assert book.page(2, before=2) == runs[:1]
        assert book.page(2, before=1) == []
        assert len(book) == 5

    def test_those_that_train_or_wait_are_known_without_looking_through_all(self, book):
        assert book.live() == []
        first, second, third = (add(book) for _ in range(3))
        book.take_next()
        assert book.live() == [first, second, third]
        book.record(first, FINISHED)
        assert book.live() == [second, third]

    def test_the_oldest_that_are_over_make_room_for_new_ones(self, book, monkeypatch):
        waiting = add(book)
        for _ in range(4):
            add(book)
            book.move(book.queue[-1], 0)
            train(book, FINISHED)
        monkeypatch.setattr("mnist_demo.runs.book.MAX_KEPT", 4)
        numbers = []
        for _ in range(3):
            run = add(book)
            numbers.append([run.number for run in book.runs()])
        assert numbers == [[1, 4, 5, 6], [1, 6, 7], [1, 6, 7, 8]]
        assert run in book.queue
        assert waiting in book.queue

    def test_only_the_newest_keep_their_epochs(self, book, monkeypatch):
        monkeypatch.setattr("mnist_demo.runs.book.MAX_WITH_EPOCHS", 2)
        over = []
        for _ in range(4):
            add(book)
            over.append(train(book, FINISHED))
            book.store.epochs(over[-1].id).keep(1, lambda path: path.write_bytes(b"weights"))
        add(book)
        assert [book.store.epochs(run.id).kept() for run in over] == [[], [], [1], [1]]

    def test_all_that_are_over_can_be_removed_at_once(self, book):
        for _ in range(4):
            add(book)
        over = [train(book, FINISHED), train(book, STARTED, UNTRAINED, EPOCH, STOPPED)]
        training = train(book, STARTED)
        assert book.clear() == len(over)
        assert [run.number for run in book.runs()] == [3, 4]
        assert training.state == "running"
        assert not list(book.store.folder.glob("*.state"))

    def test_one_that_goes_on_while_others_are_removed_stays(self, book, monkeypatch):
        add(book), add(book)
        runs = [train(book, STARTED, UNTRAINED, EPOCH, STOPPED) for _ in range(2)]
        monkeypatch.setattr("time.sleep", lambda _: book.find(runs[1].id) is runs[1] and book.resume(runs[1]))
        book.clear()
        assert [run.number for run in book.queue] == [2]


class TestFullDisk:
    """Where nothing can be written down."""

    @pytest.fixture
    def full(self, book, monkeypatch):
        def fail(*_):
            raise RunsError("the history of runs cannot be read or written: database or disk is full")

        add(book), add(book)
        for name in ("append", "set", "remove"):
            monkeypatch.setattr(book.store, name, fail)
        return book

    def test_a_run_that_goes_wrong_has_failed_all_the_same_and_pages_hear_of_it(self, full):
        run, version = full.take_next(), full.version
        full.fail(run, "It broke.")
        assert (run.state, run.message) == ("failed", "It broke.")
        assert full.changes(version) == ([run], [])

    def test_a_run_that_cannot_be_withdrawn_still_waits(self, full):
        _, second = full.queue
        with pytest.raises(RunsError, match="disk is full"):
            full.withdraw(second)
        assert second in full.queue
        assert second.state == "queued"


class TestNewStart:
    """What the next server finds, however the one before has ended."""

    def test_runs_that_wait_still_wait_in_order(self, open_book):
        book = open_book()
        for is_limited in (True, False, True):
            book.add(CONFIG, "", "", None, is_limited)
        book.move(book.queue[2], 0)
        assert [(run.number, run.is_limited) for run in open_book().queue] == [(3, True), (1, True), (2, False)]
        open_book().take_next()
        assert [run.number for run in open_book().queue] == [3, 1, 2]  # nothing had happened to 3 yet

    def test_a_run_that_trained_was_cut(self, open_book):
        book = open_book()
        add(book)
        train(book, STARTED, UNTRAINED, BATCH)
        (run,) = open_book().runs()
        assert (run.state, run.message, run.epoch) == ("failed", CUT, 0)
        assert kinds(open_book(), run) == ["started", "epoch", "batch", "ended"]  # once, however often it starts

    def test_a_run_that_had_ended_has_not_changed(self, open_book):
        book = open_book()
        add(book)
        train(book, STARTED, UNTRAINED, EPOCH, FINISHED)
        book = open_book()
        (run,) = book.runs()
        assert (run.state, run.weights, run.token) == ("finished", "a1.safetensors", "the-secret")

    def test_a_folder_may_be_moved(self, tmp_path):
        book = RunBook(tmp_path / "lesson")
        run = add(book)
        train(book, STARTED, UNTRAINED, replace(FINISHED, weights=str(book.store.weights(run.id))))
        book.store.close()
        book = RunBook((tmp_path / "lesson").rename(tmp_path / "archive"))
        assert book.run(run.id).weights == book.store.weights(run.id).name
        book.store.close()

    def test_numbers_go_on(self, open_book):
        add(open_book())
        assert add(open_book()).number == 2


class TestResuming:
    def test_a_cut_run_waits_again_as_it_stood_after_its_newest_epoch(self, open_book):
        book = open_book()
        add(book)
        train(book, STARTED, UNTRAINED, EPOCH, BATCH)
        book = open_book()
        (cut,) = book.runs()
        assert cut.resumable
        book.resume(cut)
        (run,) = book.queue
        assert not run.resumable
        assert (run.id, run.state, run.message, run.epoch, run.events) == (cut.id, "queued", "", 1, 3)
        assert kinds(book, run) == ["started", "epoch", "epoch"]

    def test_so_does_a_stopped_one(self, book):
        add(book)
        run = train(book, STARTED, UNTRAINED, EPOCH, STOPPED)
        assert run.resumable
        book.resume(run)
        assert book.take_next().id == run.id
        assert book.run(run.id).state == "running"

    def test_it_waits_behind_those_that_came_before(self, book):
        add(book)
        run = train(book, STARTED, UNTRAINED, EPOCH, STOPPED)
        add(book)
        book.resume(run)
        assert [waiting.number for waiting in book.queue] == [2, 1]

    @pytest.mark.parametrize("events", [(), (STARTED, UNTRAINED, EPOCH), (STARTED, UNTRAINED, EPOCH, FINISHED)])
    def test_one_that_was_not_cut_is_refused(self, book, events):
        run = add(book)
        if events:
            train(book, *events)
        assert not run.resumable
        with pytest.raises(SettingsError, match="run 1 has nothing to resume from"):
            book.resume(run)

    def test_one_that_was_cut_before_its_first_epoch_is_refused(self, book):
        add(book)
        run = train(book, STARTED, UNTRAINED, BATCH, STOPPED)
        with pytest.raises(SettingsError, match="run 1 has nothing to resume from"):
            book.resume(run)

    def test_one_that_waits_at_a_new_start_still_waits(self, open_book):
        book = open_book()
        add(book)
        run = train(book, STARTED, UNTRAINED, EPOCH, STOPPED)
        add(book)
        book.resume(run, is_limited=False)
        book.move(book.run(run.id), 0)
        book = open_book()
        assert [(run.number, run.epoch, run.is_limited) for run in book.queue] == [(1, 1, False), (2, None, True)]
        book.take_next()
        book = open_book()
        assert [run.number for run in book.queue] == [2]
        assert book.can_resume(book.run(run.id))

    def test_one_that_is_withdrawn_keeps_the_weights_that_it_had(self, book):
        add(book)
        run = train(book, STARTED, UNTRAINED, EPOCH, STOPPED)
        weights = book.store.weights(run.id)
        weights.write_bytes(b"")
        book.resume(run)
        book.withdraw(book.run(run.id))
        assert book.run(run.id).weights == weights.name
