"""``fwgen compare``: two results of earlier commands, or two sets of cells, side by side."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence

from fwgen import SCHEMA
from fwgen.errors import UsageError
from fwgen.host.files import write_json
from fwgen.measure import regression
from fwgen.measure.cell_comparison import compare_cells, has_cells
from fwgen.measure.limits import Limit, Limits
from fwgen.report.comparison import comparison as comparison_table


def run(args: argparse.Namespace) -> int:
    """1 if a figure vanished or grew by more than its limit."""
    limits = _limits(args.limit or ())
    old, new = regression.load(args.old), regression.load(args.new)
    compare = compare_cells if has_cells(old) or has_cells(new) else regression.compare
    comparison = compare(old, new, limits)
    told = dataclasses.asdict(comparison) | {"limits": limits.as_dict}
    write_json(args.json, {"schema": SCHEMA, **told})
    print(comparison_table(comparison))
    return 1 if comparison.failed else 0


def _limits(given: Sequence[tuple[str, Limit]]) -> Limits:
    """Limits by figure. Raises UsageError if a figure has two."""
    by_figure: dict[str, Limit] = {}
    for name, limit in given:
        if name in by_figure:
            whose = f"The figure {name} has" if name else "Figures without one of their own have"
            raise UsageError(f"{whose} two limits.", at="--limit", tries=("one of them",))
        by_figure[name] = limit
    return Limits(by_figure.pop("", Limit()), by_figure)
