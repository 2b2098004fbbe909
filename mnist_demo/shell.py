"""The argument parser shared by all command lines."""

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that reports usage errors like all other errors: a message on stderr and exit status 1."""

    def error(self, message: str) -> NoReturn:
        """Exit with a message."""
        self.print_usage(sys.stderr)
        self.exit(1, f"error: {message}\n")
