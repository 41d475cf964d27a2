"""The arguments of ``fwgen report``."""

from __future__ import annotations

from fwgen import GOALS
from fwgen.cli.arguments import add_input_shape, add_place, file, named
from fwgen.cli.usage import Parser

WHAT = "Draw the arena: which tensor lies where, when, and what each op takes"

EXAMPLE = "fwgen report build/kws-corstone-300\n  fwgen report kws.tflite --tflm kws_planned.tflite"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("target", type=file, help="folder that `fwgen build` made, or .tflite file")
    sub.add_argument("-o", "--out", type=file, metavar="FILE", help="page (MODEL-BOARD.html)")
    sub.add_argument("--svg", type=file, metavar="FILE", help="write the picture alone, too")
    sub.add_argument(
        "--tflm",
        type=file,
        metavar="FILE",
        help="write the model with an optimal plan for TFLM, without overlap; needs no board",
    )
    model = sub.add_argument_group("for a model that is not built", "as for `fwgen build`")
    model.add_argument(
        "-b", "--board", type=named, help="a name of `fwgen boards`, or a .toml file"
    )
    model.add_argument("--strict", action="store_true", help="drop no weight other than 0")
    model.add_argument("--optimize", choices=GOALS, help=f"default {GOALS[0]}")
    add_place(model)
    add_input_shape(model)
