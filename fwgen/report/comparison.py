"""The report of a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import geometric_mean

from fwgen.errors import printable
from fwgen.measure.regression import Comparison, ComparisonRow
from fwgen.report.text_tables import table

_NOTES = 20  # of cells there may be any number


def comparison(result: Comparison) -> str:
    """A row per figure, then what was not compared, and one sentence on the outcome.

    Of cells, a row for all of them per figure, and one for each figure that regressed.
    """
    of_cells = any(row.cell for row in result.rows)
    lines = [*_summary(result.rows)] if of_cells else [_table(result.rows)]
    sources = list(dict.fromkeys(row.source for row in result.rows))
    lines += [f"source  {printable(source)}" for source in sources]
    shown = result.notes[:_NOTES] if of_cells else result.notes
    lines += [f"note    {printable(note)}" for note in shown]
    if len(shown) < len(result.notes):
        lines.append(f"note    {len(result.notes) - len(shown):,} more, as --json has them")
    worst = f"{result.regressions} of {len(result.rows)} figures" if result.regressions else "none"
    lines.append(f"grew by more than {_limits(result)}: {worst}")
    if result.vanished:
        lines.append(f"VANISHED: {printable(', '.join(result.vanished))}")
    return "\n".join(lines)


def _limits(result: Comparison) -> str:
    """The limits, as ``2 % (flash_bytes 256)``."""
    limits = result.limits
    named = ", ".join(f"{name} {limit.text}" for name, limit in limits.by_figure.items())
    return limits.others.text + (f" ({named})" if named else "")


def _table(rows: Sequence[ComparisonRow]) -> str:
    header = ("figure", "unit", "old", "new", "new/old", "change", "")
    return table(header, [_line(row) for row in rows])


def _line(row: ComparisonRow) -> tuple[object, ...]:
    return (
        *(row.name, row.unit, _value(row.old), _value(row.new)),
        "-" if row.ratio is None else f"{row.ratio:.3f}",
        _change(row.ratio),
        "REGRESSED" if row.regressed else "",
    )


def _summary(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    """Each figure over all cells; then, cell by cell, what regressed."""
    by_figure: dict[str, list[ComparisonRow]] = {}
    for row in rows:
        by_figure.setdefault(row.name, []).append(row)
    yield table(
        ("figure", "cells", "smaller", "larger", "mean", "largest", ""),
        [_over_cells(name, found) for name, found in by_figure.items()],
    )
    regressed: dict[str, list[ComparisonRow]] = {}
    for row in (row for row in rows if row.regressed):
        regressed.setdefault(row.cell, []).append(row)
    for cell, found in regressed.items():
        yield f"\n{printable(cell)}\n{_table(found)}"


def _over_cells(name: str, rows: Sequence[ComparisonRow]) -> tuple[object, ...]:
    """Of one figure: in how many cells it changed, the geometric mean of new/old where there is
    one, and the largest change."""
    ratios = [row.ratio for row in rows if row.ratio]
    from_nothing = any(row.ratio is None for row in rows)
    return (
        *(name, len(rows)),
        sum(row.new < row.old for row in rows),
        sum(row.new > row.old for row in rows),
        _change(geometric_mean(ratios) if ratios else None),
        _change(None if from_nothing or not ratios else max(ratios)),
        "REGRESSED" if any(row.regressed for row in rows) else "",
    )


def _value(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _change(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio - 1:+.2%}"
