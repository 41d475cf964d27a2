"""The arguments of ``fwgen boards``."""

from __future__ import annotations

from fwgen.cli.arguments import named
from fwgen.cli.usage import Parser

WHAT = "List the boards"

EXAMPLE = "fwgen boards --show mps2-an505 > my-board.toml"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    what = "print the file of a board, with comments, to start one of your own from"
    sub.add_argument("--show", type=named, metavar="NAME", help=what)
