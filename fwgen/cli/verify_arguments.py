"""The arguments of ``fwgen verify``."""

from __future__ import annotations

from fwgen.cli.arguments import add_runner, file, positive, whole
from fwgen.cli.usage import Parser

WHAT = "Compare a project with TFLM, bit for bit"

EXAMPLE = "fwgen verify build/kws-corstone-300 --inputs 100"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument("project", type=file, help="folder that `fwgen build` made")
    sub.add_argument(
        "--inputs",
        type=positive,
        default=20,
        metavar="N",
        help="how many (default 20); a model with state takes them in a row, and its state is "
        "compared after each",
    )
    sub.add_argument(
        "--every-op",
        action="store_true",
        help="compare what each op leaves for all inputs (default: for the first 3)",
    )
    sub.add_argument("--seed", type=whole, default=0, metavar="S", help="of the inputs (default 0)")
    sub.add_argument(
        "--reference",
        type=file,
        metavar="F.tflite",
        help="what to compare with, if the project is of a model that Vela had compiled",
    )
    add_runner(sub)
