"""Plain routes for runs: what a whole room watches, and what can be done with a run.

GET  runs                           all runs, the oldest first, as summaries
POST live                           what is new since the last answer; see `live` below
GET  watched                        the test digits that every network is asked about while it learns
GET  runs/{run}/events?after=N      the events of a run from number N on
POST runs/{run}                     {"action", "value", "token", "key"}: see ui/steering.py
POST limits                         {"key", "limits"}: what visitors may ask for
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mnist_demo.background import BackgroundTrainer
from mnist_demo.records import Run
from mnist_demo.rights import Limits, Visitor
from mnist_demo.ui.access import address_of, guarded, read_count, read_json, read_text, visitor_of
from mnist_demo.ui.encoding import decode_pixels
from mnist_demo.ui.live_network import LiveNetworks
from mnist_demo.ui.steering import steer


def build_run_routes(trainer: BackgroundTrainer, networks: LiveNetworks) -> list[Route]:
    """Return the routes for a trainer's runs."""
    book, rights = trainer.book, trainer.rights

    async def watched(request: Request) -> object:
        return networks.describe_watched()

    async def runs(request: Request) -> object:
        return [summary(run, trainer, Visitor()) for run in book.runs()]

    async def live(request: Request) -> object:
        """Answer what a page that watches runs does not know yet, all in one.

        The body: "since", the "version" of the last answer; "run", the one that is shown; "after", how many of its
        events are known; "snapshot" of the last answer about its network; "pixels", base64 of the drawing as the
        networks see it; "token" and "key", who asks. In the answer, "removed" is null where "runs" are all there are.
        """
        body = await read_json(request)
        visitor = visitor_of(body, address_of(request))
        version = book.version
        changed, removed = book.changes(read_count(body, "since"))
        answer: dict[str, Any] = {
            "version": version,
            "runs": [summary(run, trainer, visitor) for run in changed],
            "removed": removed,
        }
        if changed:
            answer["room"] = {
                "has_instructor": rights.has_instructor,
                "instructor": rights.is_instructor(visitor),
                "limits": json.loads(rights.limits.to_json()),
            }
        if shown := book.find(read_text(body, "run")):
            answer["events"] = _Raw(book.store.events(shown.id, read_count(body, "after")))
            pixels = read_text(body, "pixels", longest=2_000)
            drawing = decode_pixels(pixels) if pixels else None
            answer["reading"] = networks.read(shown, read_count(body, "snapshot"), drawing)
        return _encode(answer)

    async def events(request: Request) -> object:
        run = book.run(request.path_params["run"])
        return _encode(_Raw(book.store.events(run.id, read_count(request.query_params, "after"))))

    async def act(request: Request) -> object:
        body = await read_json(request)
        visitor = visitor_of(body, address_of(request))
        steer(trainer, request.path_params["run"], body.get("action"), body.get("value"), visitor)
        return {}

    async def limits(request: Request) -> object:
        body = await read_json(request)
        rights.require_instructor(visitor_of(body, address_of(request)))
        trainer.set_limits(Limits.from_dict(body.get("limits")))
        return {}

    return [
        Route("/runs", guarded(runs)),
        Route("/watched", guarded(watched)),
        Route("/live", guarded(live), methods=["POST"]),
        Route("/runs/{run}/events", guarded(events)),
        Route("/runs/{run}", guarded(act), methods=["POST"]),
        Route("/limits", guarded(limits), methods=["POST"]),
    ]


def summary(run: Run, trainer: BackgroundTrainer, visitor: Visitor) -> dict[str, object]:
    """Return what a list of runs says of one.

    `place` is how many runs come before a queued one, `reached` the seconds of training after which the test accuracy
    first was 97, 98 and 99%, `resumed` another number each time that it goes on after a cut and its last events were
    forgotten, `mine` whether this visitor may steer it.
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
        "seconds": run.seconds,
        "reached": {f"{100 * mark:.0f}": seconds for mark, seconds in run.reached.items()},
        "message": run.message,
        "resumed": run.resumed,
        "has_weights": run.weights is not None,
        "resumable": trainer.book.can_resume(run),
        "mine": trainer.rights.may_control(run, visitor),
    }


class _Raw(list[str]):
    """Values that are JSON already."""


def _encode(answer: dict[str, Any] | _Raw) -> Response:
    """Return an answer whose events are put in as they lie in the database, not decoded and encoded again."""
    return Response(_to_json(answer), media_type="application/json", headers={"Cache-Control": "no-store"})


def _to_json(value: object) -> str:
    if isinstance(value, _Raw):
        return f"[{','.join(value)}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{_to_json(entry)}' for name, entry in value.items())}}}"
    return json.dumps(value)
