"""The arguments of ``fwgen inspect``."""

from __future__ import annotations

from fwgen.cli.arguments import add_input_shape, add_signature, file, named
from fwgen.cli.usage import Parser

WHAT = "Show what is in a model"

EXAMPLE = "fwgen inspect kws.tflite --board corstone-300 --tensors"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("model", type=file, help=".tflite file")
    sub.add_argument(
        "-b", "--board", type=named, help="show the kernels that it has: a name or a .toml file"
    )
    sub.add_argument(
        "--npu",
        type=named,
        default="ethos-u55-128",
        help="who is asked what the core cannot (default ethos-u55-128)",
    )
    sub.add_argument("--tensors", action="store_true", help="list all tensors, too")
    add_input_shape(sub)
    add_signature(sub)
