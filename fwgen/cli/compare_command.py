"""``fwgen compare``: two results of earlier commands, side by side."""

from __future__ import annotations

import argparse
import dataclasses

from fwgen import SCHEMA
from fwgen.host.files import write_json
from fwgen.measure import regression
from fwgen.report.comparison import comparison as comparison_table


def run(args: argparse.Namespace) -> int:
    """1 if a figure vanished or grew by more than is allowed."""
    old, new = regression.load(args.old), regression.load(args.new)
    comparison = regression.compare(old, new, args.max_regression)
    write_json(args.json, {"schema": SCHEMA, **dataclasses.asdict(comparison)})
    print(comparison_table(comparison))
    return 1 if comparison.failed else 0
