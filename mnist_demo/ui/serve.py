"""The demo's command line: mnist-demo, python -m mnist_demo serve, or python app.py.

Gradio is loaded when the demo is built: options are told apart, and explained, without it.
"""

import argparse
import contextlib
import gc
import os
import re
import signal
import sys
from functools import partial
from pathlib import Path

from mnist_demo.errors import MnistDemoError
from mnist_demo.shell import Parser

AUTH, KEY = "MNIST_DEMO_AUTH", "MNIST_DEMO_INSTRUCTOR_KEY"  # secrets: other users of the machine see the command line
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")


def main() -> None:
    """Parse the command line and serve the page until Ctrl+C."""
    parser = Parser(description="Draw digits, browse MNIST and train networks in the browser.")
    add_options(parser)
    arguments = parser.parse_args()
    sys.exit(arguments.command(arguments))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of the demo, and `serve` as its `command`."""
    # A Hugging Face Space says by these variables where it wants to find the page.
    host, port = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), os.environ.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help=f"0.0.0.0 lets others in the network in; default: {host}")
    parser.add_argument("--port", type=int, default=port, help=f"falls back to the next free port; default: {port}")
    parser.add_argument("--share", action="store_true", help="make a public link through Gradio's servers")
    parser.add_argument("--allow-host", metavar="NAME", action="append", default=[], help="a name of this server")
    parser.add_argument("--root-path", metavar="/PATH", help="where a proxy that strips this path serves the demo")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help=f"ask visitors for this login; or set {AUTH}")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of IDX files; default: the bundled MNIST")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps; default: auto")
    parser.add_argument("--runs-dir", type=Path, metavar="DIR", help="where runs are kept; default: runs")
    key_help = f"who gives this key on the page may stop any run; or set {KEY}"
    parser.add_argument("--instructor-key", metavar="KEY", help=key_help)
    parser.set_defaults(command=partial(serve, parser))


def serve(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    """Serve the page until Ctrl+C, and return the exit status."""
    auth, key = _read_secrets(parser, arguments)
    _check_names(parser, arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl+C: the server stops before Python does
    address = {"server_name": arguments.host, "server_port": arguments.port, "root_path": arguments.root_path}
    try:
        from mnist_demo.runs.store import find_free_folder
        from mnist_demo.ui.demo import build_demo

        runs = arguments.runs_dir or find_free_folder(Path("runs"))
        demo = build_demo(arguments.data, arguments.device, runs, key, arguments.allow_host)
        # What is loaded stays: to go through it, the garbage collector would make visitors wait for 0.15 s each time.
        gc.freeze()
        with contextlib.closing(demo), contextlib.suppress(KeyboardInterrupt):  # Gradio catches it once the page is up
            demo.launch(**address, share=arguments.share, auth=auth)
    except MnistDemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before there was anything to close
        return 130
    return 0


def _read_secrets(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace
) -> tuple[tuple[str, str] | None, str | None]:
    """Return the login and the instructor's key, each None if there is none."""
    login_source, login = _secret(arguments.auth, "--auth", AUTH)
    user, colon, password = (login or "").partition(":")
    if login is not None and not (user and colon and password):
        parser.error(f"{login_source}: expected USER:PASSWORD")
    key_source, key = _secret(arguments.instructor_key, "--instructor-key", KEY)
    if key == "":
        parser.error(f"{key_source}: expected a key")
    return (user, password) if login else None, key


def _secret(flag: str | None, option: str, variable: str) -> tuple[str, str | None]:
    """Return where a secret was given and what it is: by the option, or else by the variable.

    The variable is taken away: workers inherit the rest.
    """
    value = os.environ.pop(variable, None)
    return (variable, value) if flag is None and value is not None else (option, flag)


def _check_names(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    for name in arguments.allow_host:
        if not HOST_NAME.fullmatch(name):
            parser.error(f"--allow-host: expected a host name without scheme and port, found {name!r}")
    if arguments.root_path is not None and not ROOT_PATH.fullmatch(arguments.root_path):
        parser.error(f"--root-path: expected a path that begins with /, found {arguments.root_path!r}")
