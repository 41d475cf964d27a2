"""The arguments of ``fwgen doctor``: nothing."""

from __future__ import annotations

from fwgen.cli.usage import Parser

WHAT = "Say what is installed, what is missing and how to get it"

EXAMPLE = "fwgen doctor"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command: it has none of its own."""
