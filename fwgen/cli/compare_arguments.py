"""The arguments of ``fwgen compare``."""

from __future__ import annotations

from fwgen.cli.arguments import file, percentage
from fwgen.cli.usage import Parser

WHAT = "Compare two results, figure by figure"

EXAMPLE = "fwgen compare old.json new.json --max-regression 2%"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    for name in ("old", "new"):
        sub.add_argument(name, type=file, help="what a command wrote with --json")
    sub.add_argument(
        "--max-regression",
        type=percentage,
        default=0.0,
        metavar="P%",
        help="growth that is no regression (default 0%%)",
    )
