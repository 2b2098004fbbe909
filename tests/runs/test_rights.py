import json
from dataclasses import replace

import pytest

from mnist_demo.errors import LimitError, RightsError, SettingsError
from mnist_demo.runs.rights import MAX_QUEUED, Limits, Rights, Visitor
from mnist_demo.runs.run import Run
from mnist_demo.training.recipes import configure

CONFIG = configure("mlp-relu", epochs=5)
ADA, BOB, NOBODY = Visitor("ada's secret"), Visitor("bob's secret"), Visitor()
INSTRUCTOR = Visitor(key="the key")


@pytest.fixture
def rights():
    return Rights("the key")


def run_of(visitor):
    return Run("a1", 7, CONFIG, token=visitor.token)


class TestInstructor:
    def test_whoever_knows_the_key_is_the_instructor(self, rights):
        assert rights.is_instructor(INSTRUCTOR)
        rights.require_instructor(INSTRUCTOR)

    @pytest.mark.parametrize("key", ["another key", "the key ", "", None, "Schlüssel"])
    def test_nobody_else_is(self, rights, key):
        assert not rights.is_instructor(Visitor("ada's secret", key))
        with pytest.raises(RightsError, match="only the instructor may do this"):
            rights.require_instructor(Visitor("ada's secret", key))

    @pytest.mark.parametrize("key", ["the key", "", None])
    def test_without_a_key_there_is_no_instructor(self, key):
        rights = Rights()
        assert not rights.has_instructor
        assert not rights.is_instructor(Visitor(key=key))
        with pytest.raises(RightsError, match="there is no instructor"):
            rights.require_instructor(Visitor(key=key))

    def test_a_key_may_be_of_any_letters(self):
        assert Rights("Schlüssel").is_instructor(Visitor(key="Schlüssel"))


class TestControl:
    def test_a_run_is_steered_by_who_has_started_it_and_by_the_instructor(self, rights):
        assert rights.owns(run_of(ADA), ADA)
        assert not rights.owns(run_of(ADA), INSTRUCTOR)
        for visitor in (ADA, INSTRUCTOR):
            rights.require_control(run_of(ADA), visitor)

    @pytest.mark.parametrize("visitor", [BOB, NOBODY, Visitor("bob's secret", "another key")])
    def test_nobody_else_steers_it(self, rights, visitor):
        assert not rights.owns(run_of(ADA), visitor)
        with pytest.raises(RightsError, match="run 7 is somebody else's: only its owner may do this"):
            rights.require_control(run_of(ADA), visitor)

    def test_a_run_without_a_token_is_everybodys(self, rights):
        assert all(rights.owns(run_of(NOBODY), visitor) for visitor in (ADA, NOBODY, INSTRUCTOR))


class TestStart:
    def test_without_an_instructor_a_visitor_may_start_what_it_likes(self):
        Rights().require_start(configure("cnn", epochs=1000), ADA, waiting=[run_of(ADA)] * (MAX_QUEUED - 1))

    @pytest.mark.parametrize("visitor", [ADA, NOBODY])
    def test_the_last_place_is_kept_for_the_instructor(self, rights, visitor):
        waiting = [run_of(BOB)] * (MAX_QUEUED - 1)
        with pytest.raises(LimitError, match="19 runs are queued already: try again when one has finished"):
            rights.require_start(CONFIG, visitor, waiting)
        rights.require_start(CONFIG, INSTRUCTOR, waiting)
        with pytest.raises(LimitError, match="20 runs are queued already: try again when one has finished"):
            rights.require_start(CONFIG, INSTRUCTOR, [run_of(BOB)] * MAX_QUEUED)

    def test_the_limit_of_epochs_holds_for_visitors_only(self, rights):
        rights.limits = Limits(epochs=4)
        with pytest.raises(RightsError, match="epochs: the instructor's limit is 4, found 5"):
            rights.require_start(CONFIG, ADA, [])
        rights.require_start(replace(CONFIG, epochs=4), ADA, [])
        rights.require_start(CONFIG, INSTRUCTOR, [])

    def test_the_limit_of_runs_counts_a_visitors_own(self, rights):
        rights.limits = Limits(runs=2)
        rights.require_start(CONFIG, ADA, [run_of(ADA), run_of(BOB), run_of(BOB)])
        with pytest.raises(LimitError, match="2 of your runs are queued already: try again when one has begun"):
            rights.require_start(CONFIG, BOB, [run_of(ADA), run_of(BOB), run_of(BOB)])

    def test_the_limit_of_runs_is_not_the_instructors(self, rights):
        rights.limits = Limits(runs=1)
        rights.require_start(CONFIG, INSTRUCTOR, [run_of(INSTRUCTOR)] * 3)


class TestNetworks:
    """Tokens cost nothing; addresses do."""

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("testclient", "testclient"),
            ("", ""),
            (None, None),
        ],
    )
    def test_a_network_is_what_one_line_has_for_itself(self, address, network):
        assert Visitor(address=address).network == network

    def waiting(self, count, address="192.0.2.7"):
        return [Run(f"a{number}", 7, CONFIG, token=f"{number}", address=address) for number in range(count)]

    @pytest.mark.parametrize(("runs", "allowed"), [(1, 5), (2, 10), (3, 15), (20, 15)])
    def test_new_tokens_do_not_lead_around_the_limit_of_runs(self, rights, runs, allowed):
        rights.limits = Limits(runs=runs)
        visitor = Visitor("another token", address="192.0.2.7")
        rights.require_start(CONFIG, visitor, self.waiting(allowed - 1))
        with pytest.raises(
            LimitError, match=f"{allowed} runs from your network are queued already: try again when one has"
        ):
            rights.require_start(CONFIG, visitor, self.waiting(allowed))
        rights.require_start(CONFIG, Visitor("another token", address="192.0.2.8"), self.waiting(allowed))
        rights.require_start(CONFIG, Visitor(key="the key", address="192.0.2.7"), self.waiting(allowed))

    def test_a_network_starts_no_more_runs_than_can_ever_wait(self, rights):
        for _ in range(20):
            rights.require_start(CONFIG, Visitor("ada", address="192.0.2.7"), [])
        with pytest.raises(LimitError, match="starting runs: at most 20 in 200 s") as refusal:
            rights.require_start(CONFIG, Visitor("bob", address="192.0.2.7"), [])
        assert 0 < refusal.value.retry_after <= 10
        rights.require_start(CONFIG, Visitor("bob", address="192.0.2.8"), [])
        for _ in range(3):
            rights.require_start(CONFIG, Visitor(key="the key", address="192.0.2.7"), [])

    def test_what_is_refused_is_no_start(self, rights):
        rights.limits = Limits(epochs=4)
        for _ in range(30):
            with pytest.raises(RightsError):
                rights.require_start(CONFIG, Visitor("ada", address="192.0.2.7"), [])
        rights.require_start(replace(CONFIG, epochs=4), Visitor("ada", address="192.0.2.7"), [])


class TestLimits:
    def test_at_first_they_are_what_any_run_may_be(self):
        assert Limits() == Limits(runs=20, epochs=1_000, seconds=86_400, pause=10)

    def test_they_survive_the_way_through_json(self):
        limits = Limits(3, 20, 600, 5)
        assert Limits.from_dict(json.loads(limits.to_json())) == limits

    def test_a_page_knows_no_integers(self):
        assert (
            Limits.from_dict({"runs": 3.0, "epochs": 20.0, "seconds": 600.0}).to_json() == Limits(3, 20, 600).to_json()
        )

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"runs": 0}, "runs: expected a whole number from 1 to 20, found 0"),
            ({"pause": 0}, "pause: expected a whole number from 1 to 1,440, found 0"),
            ({"pause": [5]}, "pause: expected a whole number from 1 to 1,440, found [5]"),
            ({"runs": 21}, "runs: expected a whole number from 1 to 20, found 21"),
            ({"epochs": 1001}, "epochs: expected a whole number from 1 to 1,000, found 1,001"),
            ({"seconds": 0.5}, "seconds: expected a whole number from 1 to 86,400, found 0.5"),
            ({"seconds": None}, "seconds: expected a whole number from 1 to 86,400, found nothing"),
            ({"seconds": "60"}, "seconds: expected a whole number from 1 to 86,400, found '60'"),
            ({"seconds": [60]}, "seconds: expected a whole number from 1 to 86,400, found [60]"),
        ],
    )
    def test_what_is_out_of_range_is_refused(self, changes, message):
        with pytest.raises(SettingsError) as refusal:
            Limits.from_dict({"runs": 3, "epochs": 20, "seconds": 600} | changes)
        assert str(refusal.value) == message

    def test_those_of_an_older_history_or_program_know_no_pause(self):
        assert Limits.from_dict({"runs": 3, "epochs": 20, "seconds": 600}) == Limits(3, 20, 600, pause=10)

    @pytest.mark.parametrize(
        "values", [None, [], "all", {}, {"runs": 3}, {"pause": 3}, {"runs": 3, "epochs": 20, "minutes": 10}]
    )
    def test_they_come_all_together_and_nothing_else(self, values):
        with pytest.raises(SettingsError, match="limits: expected runs, epochs, seconds, pause, found"):
            Limits.from_dict(values)
