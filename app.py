"""Start the demo: python app.py"""

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path

from mnist_demo.errors import MnistDemoError
from mnist_demo.runs import find_free_folder
from mnist_demo.ui.demo import build_demo


def main() -> None:
    """Parse the command line and serve the page until Ctrl+C."""
    parser = argparse.ArgumentParser(description="Draw digits, browse MNIST and train networks in the browser.")
    # A Hugging Face Space says by these variables where it wants to find the page.
    host, port = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), os.environ.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help="0.0.0.0 lets others in the network in")
    parser.add_argument("--port", type=int, default=port, help="the next free port is taken if this one is not")
    parser.add_argument("--share", action="store_true", help="make a public link through Gradio's servers")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="ask visitors for this login")
    parser.add_argument("--data", type=Path, metavar="DIR", help="IDX files; default: the MNIST that comes along")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--runs-dir", type=Path, metavar="DIR", help="where runs are kept; default: runs")
    parser.add_argument("--instructor-key", metavar="KEY", help="who gives this key on the page may stop any run")
    arguments = parser.parse_args()
    user, colon, password = (arguments.auth or "").partition(":")
    if arguments.auth and not (user and colon and password):
        parser.error("--auth: expected USER:PASSWORD")
    if arguments.instructor_key == "":
        parser.error("--instructor-key: expected a key")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl+C: the server stops before Python does
    auth = (user, password) if arguments.auth else None
    try:
        runs = arguments.runs_dir or find_free_folder(Path("runs"))
        demo = build_demo(arguments.data, arguments.device, runs, arguments.instructor_key)
        with contextlib.closing(demo), contextlib.suppress(KeyboardInterrupt):  # Gradio catches it once the page is up
            demo.launch(server_name=arguments.host, server_port=arguments.port, share=arguments.share, auth=auth)
    except MnistDemoError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:  # before there was anything to close
        sys.exit(130)


if __name__ == "__main__":
    main()
