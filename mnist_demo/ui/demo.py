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
from jinja2 import Template
from numpy.typing import NDArray

from mnist_demo.data.datasets import load_split
from mnist_demo.data.subject import Subject
from mnist_demo.errors import SettingsError
from mnist_demo.networks.devices import choose_device
from mnist_demo.runs.rights import Rights
from mnist_demo.runs.trainer import BackgroundTrainer
from mnist_demo.serving.inside import Inside
from mnist_demo.serving.metrics import Metrics
from mnist_demo.serving.predictors import RUN_PREFIX, Networks
from mnist_demo.serving.readings import Readings
from mnist_demo.serving.robustness import RobustnessFigures
from mnist_demo.serving.routes import Services, build_routes
from mnist_demo.serving.sample_map import MapOfSamples
from mnist_demo.serving.samples import Samples
from mnist_demo.serving.split_features import SplitFeatures
from mnist_demo.serving.split_jobs import SplitJobs
from mnist_demo.serving.split_units import SplitUnits
from mnist_demo.serving.split_verdicts import SplitVerdicts
from mnist_demo.threads import computing_on
from mnist_demo.ui.components.run_view import Watching
from mnist_demo.ui.guarded_blocks import GuardedBlocks
from mnist_demo.ui.handlers import QUICK, tells_errors
from mnist_demo.ui.scripts import ADDRESS, build_scripts_route, preload_scripts
from mnist_demo.ui.tabs.browse import build_browse_tab, find_sample
from mnist_demo.ui.tabs.draw import build_draw_tab
from mnist_demo.ui.tabs.train import add_training_endpoints, build_train_tab
from mnist_demo.ui.theme import THEME

FOLDER = Path(__file__).parent
PORTS_TRIED = 100
MAX_PORT = 65_535
MOUNT_PAGE = f'() => void import(new URL("{ADDRESS}/page/page.js", document.baseURI)).then((page) => page.mount())'

HEAD = (
    # As `css`, Gradio would put a prefix before every rule, and none would reach the root element.
    f"<style>{(FOLDER / 'page.css').read_text(encoding='utf-8')}</style>"
    # By itself a browser looks for it at the root of the server, where under a path somebody else lives.
    '<link rel="icon" href="favicon.ico">' + preload_scripts()
)
# What launch() takes as options, and a page that is mounted with gr.mount_gradio_app as attributes.
SETTINGS: dict[str, Any] = {
    "theme": THEME,
    "head": HEAD,
    "favicon_path": FOLDER / "favicon.svg",
    "footer_links": ["settings", "api"],
    "run_history": False,  # it would more than double the time to a prediction
    "max_file_size": 20_000_000,  # bytes
    "enable_monitoring": False,
    "show_error": False,
}


class Demo(GuardedBlocks):
    """The page, to be launched or to be mounted: `gr.mount_gradio_app(FastAPI(), build_demo(), "/mnist")`.

    Both give it its own style and settings; `close` ends its workers too.
    """

    trainer: BackgroundTrainer
    networks: Networks
    readings: Readings
    split_jobs: SplitJobs
    inside: Inside
    sample_map: MapOfSamples
    is_open: bool = False  # to other machines than this one

    def launch(self, allowed_hosts: Collection[str] = (), **options: Any) -> Any:  # type: ignore[override]
        """Start the server; all other options are those of `gr.Blocks.launch`.

        A taken `server_port` is replaced by the next free one, and that is said.

        Args:
            allowed_hosts: by which names visitors may ask for the page, beside those of this machine: a proxy's.
            options: of Gradio's.

        Raises:
            SettingsError: `server_name` is not an address of this machine, no port is free, or `root_path` begins as
                an address of the page does.
        """
        options["root_path"] = self._check_root_path(options.get("root_path"))
        self.is_open = options.get("server_name") not in (None, "127.0.0.1", "localhost", "::1")
        if options.get("server_port") is not None:
            options["server_port"] = find_free_port(options.get("server_name") or "127.0.0.1", options["server_port"])
        self.allowed_hosts = [*self.allowed_hosts, *allowed_hosts]
        # Blocks the main thread unless told otherwise, so the processes are ordered first and start beside it.
        self.start_processes()
        defaults = {**SETTINGS, "state_session_capacity": self.state_session_capacity, "ssr_mode": False}
        return super().launch(**{**defaults, **options})

    async def open(self) -> None:
        """Begin to clean up, and start the processes if launch() has not."""
        await super().open()
        self.start_processes()

    def start_processes(self) -> None:
        """Start a worker and the decoders, where none waits, without waiting for them."""
        self.trainer.warm_up()
        self.readings.start()

    def _check_root_path(self, root_path: str | None) -> str | None:
        path = (root_path or "").rstrip("/")
        if path.lstrip("/").partition("/")[0] in self.own_names():
            raise SettingsError(f"root_path: {path} is an address of the page itself; expected another path")
        return path or None  # which lets Gradio look for GRADIO_ROOT_PATH

    def _set_html_css_theme_variables(self) -> None:
        """Look and behave as when launched: gr.mount_gradio_app has just set what its caller left out to defaults."""
        if self.custom_mount_path is not None:
            for name, value in SETTINGS.items():
                setattr(self, name, value)
        super()._set_html_css_theme_variables()  # type: ignore[no-untyped-call]

    def close(self, verbose: bool = True) -> None:
        """Stop the server and end every worker and decoder."""
        self.trainer.close()
        self.readings.close()
        self.split_jobs.close()
        self.inside.close()
        self.sample_map.close()
        super().close(verbose)


@computing_on(1)  # it reads a first sample, and leaves the caller's threads as they are
def build_demo(
    data: Path | None = None,
    device: str = "auto",
    runs: Path | None = None,
    instructor_key: str | None = None,
    allowed_hosts: Collection[str] = (),
) -> Demo:
    """Build the page.

    Args:
        data: directory of IDX files; None for the bundled MNIST.
        device: "auto", "cpu" or "cuda": where drawings are read, and where training is first offered.
        runs: directory where runs are kept; None forgets them at the end.
        instructor_key: who gives it on the page may stop, remove and reorder runs, and set limits; None for nobody.
        allowed_hosts: by which names visitors may ask for the page, beside those of this machine: a proxy's.

    Raises:
        IdxError: the data is missing or damaged.
        SettingsError: there is no such device.
        RunsError: `runs` cannot be used.
    """
    choose_device(device)
    splits = {"train": load_split(data, train=True), "test": load_split(data, train=False)}
    trainer = BackgroundTrainer(data, runs, Rights(instructor_key))
    atexit.register(trainer.close)
    subject = splits["train"].subject
    networks = Networks(trainer, device, subject)
    metrics = Metrics()
    readings = Readings(networks, metrics)
    kept = runs and trainer.book.store.folder
    split_jobs = SplitJobs()
    verdicts = SplitVerdicts(splits, split_jobs, kept and kept / "verdicts")
    units = SplitUnits(splits["train"], split_jobs, kept and kept / "units")
    features = SplitFeatures(splits["train"], split_jobs, kept and kept / "features")
    atexit.register(split_jobs.close)
    atexit.register(readings.close)
    with Demo(metrics, title=subject.title, analytics_enabled=False) as page:
        demo: Demo = page
        demo.trainer, demo.networks, demo.readings = trainer, networks, readings
        demo.split_jobs, demo.inside = split_jobs, Inside(networks, units)
        demo.sample_map = MapOfSamples(splits, data, networks)
        for service in (demo.inside, demo.sample_map):
            atexit.register(service.close)
        metrics.show_runs(trainer.book)
        metrics.show_queues([*readings.queues, demo.inside.queue, demo.sample_map.queue])
        demo.allowed_hosts = allowed_hosts
        samples = Samples(splits, data, networks, verdicts, features)
        robustness = RobustnessFigures(data, splits["test"], networks.available)
        services = Services(networks, readings, samples, demo.sample_map, demo.inside, metrics, robustness)
        routes = build_routes(trainer, services, splits["test"], lambda: demo.is_open)
        demo.routes = [*routes, build_scripts_route()]
        gr.HTML(_head(subject), padding=False)
        if networks.missing:
            gr.Markdown(_tell_missing(networks))
        with gr.Tabs(selected="draw", elem_id="tabs") as tabs:
            with gr.Tab("Draw", id="draw") as draw_item:
                draw = build_draw_tab(networks, readings, subject, robustness.version)
            with gr.Tab("Browse", id="browse") as browse_item:
                browse = build_browse_tab(splits, networks, verdicts.version)
            with gr.Tab("Train now", id="train"):
                train = build_train_tab(trainer, device, subject)
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


def _head(subject: Subject) -> str:
    """Return the head of the page."""
    template = Template((FOLDER / "header.html").read_text(encoding="utf-8"), autoescape=True)
    return str(template.render(title=subject.title, noun=subject.noun, dataset=subject.dataset))


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
