"""The arguments of ``fwgen plan``."""

from __future__ import annotations

from fwgen.cli.arguments import file, positive
from fwgen.cli.usage import Parser

WHAT = "Place buffers with known lifetimes in as little memory as possible"

EXAMPLE = "fwgen plan buffers.csv --capacity 1048576 -o plan.csv"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    sub.add_argument(
        "buffers",
        type=file,
        help="CSV: id,lower,upper,size; columns alignment and offset (fixed) if wanted",
    )
    sub.add_argument(
        "--capacity", type=positive, metavar="N", help="bytes to fit in (default: the fewest)"
    )
    sub.add_argument(
        "--budget",
        type=positive,
        default=3_000_000,
        metavar="NODES",
        help="to search at most (default 3,000,000)",
    )
    sub.add_argument("-o", "--out", type=file, metavar="FILE", help="write CSV with the offsets")
