"""Start the demo: python app.py"""

import argparse
import contextlib
import os
import re
import signal
import sys
from pathlib import Path

from mnist_demo.errors import MnistDemoError
from mnist_demo.runs.store import find_free_folder
from mnist_demo.ui.demo import build_demo

AUTH, KEY = "MNIST_DEMO_AUTH", "MNIST_DEMO_INSTRUCTOR_KEY"  # secrets: other users of the machine see the command line
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def main() -> None:
    """Parse the command line and serve the page until Ctrl+C."""
    parser = argparse.ArgumentParser(description="Draw digits, browse MNIST and train networks in the browser.")
    # A Hugging Face Space says by these variables where it wants to find the page.
    host, port = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), os.environ.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help="0.0.0.0 lets others in the network in")
    parser.add_argument("--port", type=int, default=port, help="the next free port is taken if this one is not")
    parser.add_argument("--share", action="store_true", help="make a public link through Gradio's servers")
    parser.add_argument("--allow-host", metavar="NAME", action="append", default=[], help="a name of this server")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help=f"ask visitors for this login; or set {AUTH}")
    parser.add_argument("--data", type=Path, metavar="DIR", help="IDX files; default: the MNIST that comes along")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--runs-dir", type=Path, metavar="DIR", help="where runs are kept; default: runs")
    key_help = f"who gives this key on the page may stop any run; or set {KEY}"
    parser.add_argument("--instructor-key", metavar="KEY", help=key_help)
    arguments = parser.parse_args()
    login_source, login = secret(arguments.auth, "--auth", AUTH)
    user, colon, password = (login or "").partition(":")
    if login is not None and not (user and colon and password):
        parser.error(f"{login_source}: expected USER:PASSWORD")
    key_source, key = secret(arguments.instructor_key, "--instructor-key", KEY)
    if key == "":
        parser.error(f"{key_source}: expected a key")
    for name in arguments.allow_host:
        if not HOST_NAME.fullmatch(name):
            parser.error(f"--allow-host: expected a host name without scheme and port, found {name!r}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl+C: the server stops before Python does
    auth = (user, password) if login else None
    address = {"server_name": arguments.host, "server_port": arguments.port, "allowed_hosts": arguments.allow_host}
    try:
        runs = arguments.runs_dir or find_free_folder(Path("runs"))
        demo = build_demo(arguments.data, arguments.device, runs, key)
        with contextlib.closing(demo), contextlib.suppress(KeyboardInterrupt):  # Gradio catches it once the page is up
            demo.launch(**address, share=arguments.share, auth=auth)
    except MnistDemoError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:  # before there was anything to close
        sys.exit(130)


def secret(flag: str | None, option: str, variable: str) -> tuple[str, str | None]:
    """Return where a secret was given and what it is: by the option, or else by the variable.

    The variable is taken away: workers inherit the rest.
    """
    value = os.environ.pop(variable, None)
    return (variable, value) if flag is None and value is not None else (option, flag)


if __name__ == "__main__":
    main()
