"""The arguments of ``fwgen compare``."""

from __future__ import annotations

from fwgen.cli.arguments import file, limit
from fwgen.cli.usage import Parser

WHAT = "Compare two results, figure by figure"

EXAMPLE = "fwgen compare old.json new.json --limit 2% --limit flash_bytes=+256"


def add_arguments(sub: Parser) -> None:
    """Declare the arguments of the command."""
    for name in ("old", "new"):
        sub.add_argument(name, type=file, help="what a command wrote with --json")
    sub.add_argument(
        "--limit",
        type=limit,
        action="append",
        metavar="[FIGURE=]P%|+N",
        help="growth that is no regression (default 0%%), of all figures or of one by its name: "
        "2%% of what it was, or +256 in its unit, such as bytes; once for each",
    )
