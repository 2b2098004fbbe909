"""Plain routes for runs: what a whole room watches, and what can be done with a run.

GET  runs[?before=NUMBER&count=N]   runs as summaries, the oldest first: the newest 200 and all that wait or train, or
                                    the newest N (1 to 200) of those with lower numbers than NUMBER
POST runs                           {"action": "clear", "key"}: the instructor removes all runs that are over; answers
                                    {"removed": how many}
POST live                           what is new since the last answer; see `live` below
GET  watched                        the test digits that every network is asked about while it learns
GET  runs/{run}/events?after=N      the events of a run from number N on
POST runs/{run}                     {"action", "value", "token", "key"}: see runs/steering.py
POST limits                         {"key", "limits"}: what visitors may ask for
POST instructor                     {"key"}: answers {} if that is the instructor's, and 403 if it is not
"""

from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import Route

from mnist_demo.checks import whole_number
from mnist_demo.errors import LimitError, SettingsError
from mnist_demo.runs.book import RunBook
from mnist_demo.runs.rights import Rights, Visitor
from mnist_demo.runs.run import Run
from mnist_demo.runs.steering import clear, set_limits, steer
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.encoding import decode_pixels
from mnist_demo.serving.live_readings import LiveNetworks
from mnist_demo.serving.routes.access import address_of, guarded, read_count, read_json, read_text, visitor_of

PAGE = 200  # runs in one answer: 2 ms of work
MAX_EVENTS = 5_000  # in one answer to `live`, likewise; a run of half an hour has twice as many


def build_run_routes(trainer: BackgroundTrainer, networks: LiveNetworks) -> list[Route]:
    """Return the routes for a trainer's runs."""
    book, rights = trainer.book, trainer.rights

    async def watched(request: Request) -> object:
        return networks.describe_watched()

    async def runs(request: Request) -> object:
        query = request.query_params
        count = whole_number("count", read_count(query, "count") if "count" in query else PAGE, 1, PAGE)
        if "before" in query:
            return [summary(run, trainer) for run in book.page(count, read_count(query, "before"))]
        return [summary(run, trainer) for run in first_page(book, count)]

    async def act_on_all(request: Request) -> object:
        body = await read_json(request)
        if body.get("action") != "clear":
            raise SettingsError(f"action: expected clear, found {body.get('action')!r:.50}")
        return {"removed": await run_in_threadpool(clear, trainer, visitor_of(body, address_of(request)))}

    async def live(request: Request) -> object:
        """Answer what a page that watches runs does not know yet, all in one.

        The body: "since", the "version" of the last answer; "before", its number, where older runs are wanted, too;
        "run", the one that is shown; "after", how many of its events are known; "snapshot" of the last answer about its
        network; "pixels", base64 of the drawing as the networks see it; "token" and "key", who asks.

        In the answer, "total" is how many runs there are. Where "removed" is null, "runs" are a first page, and the
        page forgets what it knew; "older" are more; "before" is the number below which none have been sent.
        "removed_by_instructor" are those of the removed that the instructor has removed. "events" are at most 5,000.
        In the "room", which comes with changes, "refusal" says why a key is not taken.
        """
        body = await read_json(request)
        visitor = visitor_of(body, address_of(request))
        is_instructor, refusal = _try_key(rights, visitor)
        shown = book.find(read_text(body, "run"))
        since = read_count(body, "since")
        answer = _tell_runs(book, since, read_count(body, "before"), shown)
        if answer["removed"] is None or book.room_version > since or visitor.key:
            answer["room"] = {
                "has_instructor": rights.has_instructor,
                "instructor": is_instructor,
                "refusal": refusal,
                "limits": orjson.Fragment(rights.limits.to_json()),
            }
        for name in answer.keys() & {"runs", "older"}:
            answer[name] = [summary(run, trainer, visitor, is_instructor) for run in answer[name]]
        if shown is not None:
            answer["events"] = _join(book.store.events(shown.id, read_count(body, "after"), MAX_EVENTS))
            pixels = read_text(body, "pixels", longest=2_000)
            drawing = decode_pixels(pixels) if pixels else None
            answer["reading"] = networks.read(shown, read_count(body, "snapshot"), drawing)
        return answer

    def events(request: Request) -> object:
        run = book.run(request.path_params["run"])
        return _join(book.store.events(run.id, read_count(request.query_params, "after")))

    async def act(request: Request) -> object:
        body = await read_json(request)
        visitor = visitor_of(body, address_of(request))
        steer(trainer, request.path_params["run"], body.get("action"), body.get("value"), visitor)
        return {}

    async def limits(request: Request) -> object:
        body = await read_json(request)
        set_limits(trainer, body.get("limits"), visitor_of(body, address_of(request)))
        return {}

    async def instructor(request: Request) -> object:
        body = await read_json(request)
        rights.require_instructor(visitor_of(body, address_of(request)))
        return {}

    return [
        Route("/runs", guarded(runs)),
        Route("/runs", guarded(act_on_all), methods=["POST"]),
        Route("/watched", guarded(watched)),
        Route("/live", guarded(live), methods=["POST"]),
        Route("/runs/{run}/events", guarded(events)),
        Route("/runs/{run}", guarded(act), methods=["POST"]),
        Route("/limits", guarded(limits), methods=["POST"]),
        Route("/instructor", guarded(instructor), methods=["POST"]),
    ]


def _tell_runs(book: RunBook, since: int, before: int, shown: Run | None) -> dict[str, Any]:
    """Return what `live` answers about the list of runs, the runs themselves in place of summaries."""
    answer: dict[str, Any] = {"version": book.version, "total": len(book)}
    if changes := book.changes(since):
        answer["runs"], answer["removed"] = changes
        answer["removed_by_instructor"] = list(filter(book.was_removed_by_instructor, answer["removed"]))
        if before:
            answer["older"] = page = book.page(PAGE, before)
            answer["before"] = page[0].number if page else 0
    else:
        answer["runs"], answer["removed"] = first_page(book, PAGE, shown), None
        answer["removed_by_instructor"] = []
        newest = book.page(PAGE)
        answer["before"] = newest[0].number if newest else 0
    return answer


def first_page(book: RunBook, count: int, shown: Run | None = None) -> list[Run]:
    """Return the newest runs, all that wait or train, and the one that is shown, the oldest first."""
    runs = {run.id: run for run in [*book.page(count), *book.live(), *([shown] if shown else [])]}
    return sorted(runs.values(), key=lambda run: run.number)


def _try_key(rights: Rights, visitor: Visitor) -> tuple[bool, str]:
    """Return whether this is the instructor, and why not if it seems to want to be."""
    try:
        is_instructor = rights.is_instructor(visitor)
    except LimitError as error:
        return False, str(error)
    is_wrong = rights.has_instructor and visitor.key and not is_instructor
    return is_instructor, "this is not the instructor's key" if is_wrong else ""


def summary(
    run: Run, trainer: BackgroundTrainer, visitor: Visitor | None = None, is_instructor: bool = False
) -> dict[str, object]:
    """Return what a list of runs says of one.

    `place` is how many runs come before a queued one, `reached` the seconds of training after which the test accuracy
    first was 97, 98 and 99%, `best_epoch` the first epoch that reached `best_test_accuracy`, `resumed` another number
    each time that it goes on after a cut and its last events were forgotten, `mine` whether this visitor may steer it.
    """
    return {
        "run": run.id,
        "number": run.number,
        "name": run.name,
        "nickname": run.nickname,
        "recipe": run.config.recipe,
        "epochs": run.config.epochs,
        "learning_rate": run.config.learning_rate,
        "state": run.state,
        "paused": run.is_paused,
        "place": trainer.book.place(run),
        "events": run.events,
        "parameters": run.parameters,
        "epoch": run.epoch,
        "test_accuracy": run.test_accuracy,
        "best_test_accuracy": run.best_test_accuracy,
        "best_epoch": run.best_epoch,
        "seconds": run.seconds,
        "reached": {f"{100 * mark:.0f}": seconds for mark, seconds in run.reached.items()},
        "message": run.message,
        "resumed": run.resumed,
        "has_weights": run.weights is not None,
        "resumable": run.resumable,
        "mine": is_instructor or trainer.rights.owns(run, visitor or Visitor()),
    }


def _join(events: list[str]) -> orjson.Fragment:
    """Return events as they lie in the database, not decoded and encoded again, as a JSON list."""
    return orjson.Fragment(f"[{','.join(events)}]")
