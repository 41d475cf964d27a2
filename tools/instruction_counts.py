#!/usr/bin/env python3
"""Record the instructions of kernels' cases in tests/kernels/instruction_counts.toml.

    tools/instruction_counts.py [--all] [NAME ...]

Adds what has no count yet or whose case is another now, and takes out what is no more. NAME:
counts again all whose key contains one, such as `matrix_4_s8_dsp`, by the case that is recorded
where there is still such a one. --all: the same of everything, which another compiler needs.
Prints what has changed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.kernels import counted  # noqa: E402
from tests.kernels.counted import Count, Counted, Subject  # noqa: E402


def case_of(subject: Subject, count: Count | None) -> Counted | None:
    """The case that is recorded, else the largest."""
    found = None if count is None else counted.recorded(subject, count)
    return found or counted.largest(subject)


def main() -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true", help="count everything again")
    args = parser.parse_args()
    compiler, counts = counted.table()
    if counts and compiler != counted.compiler() and not args.all:
        parser.error(f"counts are of {compiler}, here is {counted.compiler()}; try --all")
    known = {subject.key: subject for subject in counted.subjects()}
    again = [
        subject
        for key, subject in known.items()
        if args.all
        or key not in counts
        or any(name in key for name in args.names)
        or counted.recorded(subject, counts[key]) is None
    ]
    cases = [case_of(subject, counts.get(subject.key)) for subject in again]
    for subject, case in zip(again, cases, strict=True):
        if case is None:
            print(f"no generator makes an op for {subject.key}", file=sys.stderr)
    found = [case for case in cases if case is not None]
    measured = counted.instructions(found)
    kept = {key: count for key, count in counts.items() if key in known}
    for case in found:
        key, count = case.subject.key, measured[case.subject.key]
        before = counts[key].instructions if key in counts else None
        if count != before:
            change = f"{count / before - 1:+.1%}" if before else "new"
            print(f"{key}: {count} instructions, {change}")
        kept[key] = Count(case.row.id, case.generator, case.seed, case.op, count)
    counted.TABLE.write_text("\n".join(counted.lines(counted.compiler(), kept.items())) + "\n")
    return 1 if None in cases else 0


if __name__ == "__main__":
    sys.exit(main())
