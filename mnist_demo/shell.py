"""What the command lines share."""

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose errors are told as all others are: a message on stderr and exit status 1."""

    def error(self, message: str) -> NoReturn:
        """End the process with a message."""
        self.print_usage(sys.stderr)
        self.exit(1, f"error: {message}\n")
