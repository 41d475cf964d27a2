"""The arguments of ``fwgen init``."""

from __future__ import annotations

from fwgen.cli.arguments import file, named
from fwgen.cli.usage import Parser

WHAT = "Write a fwgen.toml for a model"

EXAMPLE = "fwgen init kws.tflite --board corstone-300"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("model", type=file, help=".tflite file")
    sub.add_argument("-b", "--board", type=named, help="default board")
