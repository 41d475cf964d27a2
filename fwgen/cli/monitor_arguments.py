"""The arguments of ``fwgen monitor``."""

from __future__ import annotations

from fwgen.cli.arguments import add_runner_options, file, seconds
from fwgen.cli.usage import Parser

WHAT = "Show what a device says, and send it what is typed"

EXAMPLE = (
    "fwgen monitor build/kws-my-board --port /dev/ttyACM0\n"
    "  echo name% | fwgen monitor build/kws-corstone-300 --runner qemu --for 5"
)


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument(
        "project",
        type=file,
        nargs="?",
        help="folder that `fwgen build` made: names the functions and ops of faults",
    )
    sub.add_argument(
        "--for",
        dest="for_s",
        type=seconds,
        metavar="S",
        help="seconds to listen (default: until Ctrl-C)",
    )
    sub.complete = add_runner_options
