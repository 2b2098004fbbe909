"""build_demo(): the page as a whole, and what its tabs share."""

import atexit
import errno
import socket
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from mnist_demo.data.datasets import load_split
from mnist_demo.errors import SettingsError
from mnist_demo.networks.devices import choose_device
from mnist_demo.runs.rights import Rights
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.predictors import RUN_PREFIX, Networks
from mnist_demo.serving.readings import Readings
from mnist_demo.serving.routes import build_routes
from mnist_demo.threads import computing_on
from mnist_demo.ui.components.run_view import Watching
from mnist_demo.ui.guarded_blocks import GuardedBlocks
from mnist_demo.ui.handlers import QUICK, tells_errors
from mnist_demo.ui.housekeeping import MAX_SESSIONS
from mnist_demo.ui.scripts import ADDRESS, build_scripts_route, preload_scripts
from mnist_demo.ui.tabs.browse import build_browse_tab, find_sample
from mnist_demo.ui.tabs.draw import build_draw_tab
from mnist_demo.ui.tabs.train import add_training_endpoints, build_train_tab
from mnist_demo.ui.theme import THEME

FOLDER = Path(__file__).parent
PORTS_TRIED = 100
MAX_PORT = 65_535
QUEUE_INTERVAL = 0.05  # s
MOUNT_PAGE = f'() => void import(new URL("{ADDRESS}/page/page.js", document.baseURI)).then((page) => page.mount())'


class Demo(GuardedBlocks):
    """The page. `launch` starts it with its own style and routes, `close` ends its workers too."""

    trainer: BackgroundTrainer
    networks: Networks
    readings: Readings
    is_open: bool = False  # to other machines than this one

    def launch(self, allowed_hosts: Collection[str] = (), **options: Any) -> Any:  # type: ignore[override]
        """Start the server; all other options are those of `gr.Blocks.launch`.

        A taken `server_port` is replaced by the next free one, and that is said.

        Args:
            allowed_hosts: by which names visitors may ask for the page, beside those of this machine: a proxy's.
            options: of Gradio's.

        Raises:
            SettingsError: `server_name` is not an address of this machine, or no port is free.
        """
        self.is_open = options.get("server_name") not in (None, "127.0.0.1", "localhost", "::1")
        if options.get("server_port") is not None:
            options["server_port"] = find_free_port(options.get("server_name") or "127.0.0.1", options["server_port"])
        defaults: dict[str, Any] = {
            "theme": THEME,
            # As `css`, Gradio would put a prefix before every rule, and none would reach the root element.
            "head": f"<style>{(FOLDER / 'page.css').read_text(encoding='utf-8')}</style>{preload_scripts()}",
            "favicon_path": FOLDER / "favicon.svg",
            "app_kwargs": self.app_options(allowed_hosts),
            "state_session_capacity": MAX_SESSIONS,
            "footer_links": ["settings", "api"],
            "run_history": False,  # it would more than double the time to a prediction
            "max_file_size": "20mb",
            "ssr_mode": False,
            "enable_monitoring": False,
        }
        # Nothing here waits in Gradio's queue, which would look a thousand times a second whether something does.
        self._queue.sleep_when_free = QUEUE_INTERVAL
        # Blocks the main thread unless told otherwise, so the processes are ordered first and start beside it.
        self.trainer.warm_up()
        self.readings.start()
        return super().launch(**{**defaults, **options})

    def close(self, verbose: bool = True) -> None:
        """Stop the server and end every worker and decoder."""
        self.trainer.close()
        self.readings.close()
        super().close(verbose)


@computing_on(1)  # it reads a first sample, and leaves the caller's threads as they are
def build_demo(
    data: Path | None = None, device: str = "auto", runs: Path | None = None, instructor_key: str | None = None
) -> Demo:
    """Build the page.

    Args:
        data: directory of IDX files; None for the MNIST that comes along.
        device: "auto", "cpu" or "cuda": where drawings are read, and where training is first offered.
        runs: directory where runs are kept; None forgets them at the end.
        instructor_key: who gives it on the page may stop, remove and reorder runs, and set limits; None for nobody.

    Raises:
        IdxError: the data is missing or damaged.
        SettingsError: there is no such device.
        RunsError: `runs` cannot be used.
    """
    choose_device(device)
    splits = {"train": load_split(data, train=True), "test": load_split(data, train=False)}
    trainer = BackgroundTrainer(data, runs, Rights(instructor_key))
    atexit.register(trainer.close)
    networks = Networks(trainer, device)
    readings = Readings(networks)
    atexit.register(readings.close)
    with Demo(title="Handwritten digits", analytics_enabled=False) as page:
        demo: Demo = page
        demo.trainer, demo.networks, demo.readings = trainer, networks, readings
        routes = build_routes(trainer, readings, splits["test"], lambda: demo.is_open)
        demo.routes = [*routes, build_scripts_route()]
        gr.HTML((FOLDER / "header.html").read_text(encoding="utf-8"), padding=False)
        if networks.missing:
            gr.Markdown(_tell_missing(networks))
        with gr.Tabs(selected="draw", elem_id="tabs") as tabs:
            with gr.Tab("Draw", id="draw") as draw_item:
                draw = build_draw_tab(networks, readings)
            with gr.Tab("Browse", id="browse") as browse_item:
                browse = build_browse_tab(splits, networks)
            with gr.Tab("Train now", id="train"):
                train = build_train_tab(trainer, device)
        add_training_endpoints(trainer)

        @tells_errors
        def open_sample(split: str, index: float | None) -> tuple[gr.Tabs, NDArray[np.uint8]]:
            chosen, number = find_sample(splits, split, index)
            return gr.Tabs(selected="draw"), chosen.images[number]

        @tells_errors
        def use_run(watching: Watching) -> tuple[gr.Tabs, gr.Dropdown]:
            name = RUN_PREFIX + watching.run
            networks.predictor(name)
            return gr.Tabs(selected="draw"), gr.Dropdown(networks.choices(), value=name)

        def refresh_choices() -> list[gr.Dropdown]:
            return [gr.Dropdown(networks.choices()) for _ in range(2)]

        browse.open_in_draw.click(open_sample, [browse.split, browse.index], [tabs, draw.pad], **QUICK)
        train.run_view.use(use_run, train.run_view, [tabs, draw.model], **QUICK)
        demo.load(None, js=MOUNT_PAGE)
        _remember([train.name, train.nickname])
        menus = [draw.model, browse.model]
        gr.on([demo.load, draw_item.select, browse_item.select], refresh_choices, None, menus, **QUICK)
    return demo


def _remember(fields: list[gr.Textbox]) -> None:
    """Keep what a visitor types into these fields in the browser, for the next visit."""
    kept = gr.BrowserState([field.value or "" for field in fields], storage_key="mnist-demo-names", secret="no secret")
    gr.on([field.change for field in fields], None, fields, kept, js="(...texts) => [texts]")
    gr.on(None, None, kept, fields, js="(texts) => texts")


def find_free_port(host: str, wanted: int) -> int:
    """Return `wanted`, or the next port that is free, and say so on stderr.

    Raises:
        SettingsError: there is no such host here, no such port, or none of a hundred ports is free.
    """
    if not 1 <= wanted <= MAX_PORT:
        raise SettingsError(f"port: expected 1 to {MAX_PORT:,}, found {wanted:,}")
    try:
        family, *_ = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise SettingsError(f"host: cannot listen on {host!r}: {error.strerror}") from error
    for port in range(wanted, min(wanted + PORTS_TRIED, MAX_PORT + 1)):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise SettingsError(f"host: cannot listen on {host!r}: {error.strerror}") from error
                continue
        if port != wanted:
            print(f"Port {wanted} is taken: the demo uses port {port}.", file=sys.stderr)
        return port
    raise SettingsError(f"port: none of the {PORTS_TRIED} from {wanted} on is free on {host}")


def _tell_missing(networks: Networks) -> str:
    offered = ", ".join(networks.available) or "none"
    text = f"{' '.join(networks.missing.values())} Offered: {offered}. Make them with: python -m mnist_demo.pretrain"
    print(text, file=sys.stderr)
    return f"⚠ {text}"
