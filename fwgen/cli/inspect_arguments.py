"""The arguments of ``fwgen inspect``."""

from __future__ import annotations

from fwgen.cli.arguments import add_input_shape, file
from fwgen.cli.usage import Parser

WHAT = "Show what is in a model"

EXAMPLE = "fwgen inspect kws.tflite"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("model", type=file, help=".tflite file")
    add_input_shape(sub)
