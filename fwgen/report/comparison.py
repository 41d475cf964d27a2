"""The report of a comparison."""

from __future__ import annotations

from fwgen.measure.regression import Comparison, ComparisonRow
from fwgen.report.text_tables import table


def comparison(result: Comparison) -> str:
    """A row per figure, then what was not compared, and one sentence on the outcome."""
    rows = [
        (
            row.name,
            row.unit,
            _value(row.old),
            _value(row.new),
            "-" if row.ratio is None else f"{row.ratio:.3f}",
            _change(row),
            "REGRESSED" if row.regressed else "",
        )
        for row in result.rows
    ]
    lines = [table(("figure", "unit", "old", "new", "new/old", "change", ""), rows)]
    lines += [f"source  {source}" for source in dict.fromkeys(row.source for row in result.rows)]
    lines += [f"note    {note}" for note in result.notes]
    worst = f"{result.regressions} of {len(result.rows)} figures" if result.regressions else "none"
    lines.append(f"grew by more than {result.limit * 100:.6g} %: {worst}")
    if result.vanished:
        lines.append(f"VANISHED: {', '.join(result.vanished)}")
    return "\n".join(lines)


def _value(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _change(row: ComparisonRow) -> str:
    return "-" if row.ratio is None else f"{row.ratio - 1:+.2%}"
