"""The comparison of cells: two results of ``fwgen bench``, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fwgen.errors import UsageError
from fwgen.host.json_form import Form, fault
from fwgen.measure.limits import Limits
from fwgen.measure.regression import Comparison, ComparisonRow, compare_figures

CELL_FORM: Form = {
    "schema": int,
    "cell": str,
    "model": {"name": str, "sha256": str},
    "board": str,
    "options": {"name": str, "words": str},
    "exit_code": int,
    "error": (None, {"what": str}),
    "figures": {},
}
"""What is needed of the result of a cell."""

Cells = Mapping[str, Mapping[str, Any]]


def has_cells(result: Mapping[str, Any]) -> bool:
    """Whether a result is one of ``fwgen bench``."""
    return "cells" in result


def compare_cells(old: Mapping[str, Any], new: Mapping[str, Any], limits: Limits) -> Comparison:
    """Compare the cells that both results have, by their names.

    A cell that is gone has vanished, and so has one that failed and did not before. Raises
    UsageError as ``compare``, naming the cell, and for results of which one has no cells.
    """
    befores, afters = _cells(old), _cells(new)
    rows: list[ComparisonRow] = []
    vanished, notes = [*_vanished(befores, afters)], [*_notes(befores, afters)]
    both = [name for name, cell in befores.items() if _holds(cell) and _holds(afters.get(name))]
    limits.require_known(f for n in both for c in (befores[n], afters[n]) for f in c["figures"])
    for name in both:
        try:
            found = compare_figures(befores[name], afters[name], limits)
        except UsageError as error:
            raise UsageError(error.what, at=f"cell {name}", tries=error.tries) from None
        rows += [replace(row, cell=name) for row in found.rows]
        vanished += [f"{name}: {figure}" for figure in found.vanished]
        notes += [f"{name}: {note}" for note in found.notes]
    if not rows and not vanished:
        raise UsageError("The results have no cell in common that succeeded.", at="fwgen compare")
    regressions = sum(row.regressed for row in rows)
    return Comparison(limits, tuple(rows), regressions, tuple(vanished), tuple(notes))


def _cells(result: Mapping[str, Any]) -> Cells:
    """The cells of a result by name. Raises UsageError if they are none."""
    if not has_cells(result):
        raise UsageError(
            "One result is of fwgen bench, the other of another command.", at="fwgen compare"
        )
    wrong = fault(result, {"cells": [CELL_FORM]})
    if wrong is not None:
        raise UsageError(f"The result is damaged at {wrong or 'its top'}.", at="fwgen compare")
    return {cell["cell"]: cell for cell in result["cells"]}


def _holds(cell: Mapping[str, Any] | None) -> bool:
    return cell is not None and cell["exit_code"] == 0


def _vanished(befores: Cells, afters: Cells) -> Iterator[str]:
    for name, before in befores.items():
        if name not in afters:
            yield name
        elif _holds(before) and not _holds(afters[name]):
            yield f"{name} (exit {afters[name]['exit_code']})"


def _notes(befores: Cells, afters: Cells) -> Iterator[str]:
    for name, after in afters.items():
        if name not in befores:
            yield f"only in the new result: {name}"
        elif not _holds(befores[name]):
            now = "ok" if _holds(after) else f"exit {after['exit_code']}"
            yield f"{name}: exit {befores[name]['exit_code']} before, {now} now"
