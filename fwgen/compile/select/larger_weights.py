"""Larger weights: the flash that a choice pays for kernels that are faster than those with less."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.compile.select.candidates import Candidate, Candidates
from fwgen.compile.select.selection import Paid, Selection

LEAST_BYTES = 1024
"""What is less is not worth a word."""


def frugal(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates of an op but for those with larger weights; all if there are no others."""
    return tuple(c for c in found if not c.form.larger_weights) or tuple(found)


def paid_for(candidates: Candidates, selection: Selection) -> Paid | None:
    """What is paid against the fastest kernels with smaller weights; None if nothing is.

    ``candidates`` are those that the selection was made from.
    """
    ops, more, less = 0, 0, 0.0
    for chosen, found in zip(selection.chosen, candidates, strict=True):
        rival = min(frugal(found), key=lambda c: c.cycles)
        bytes_more = chosen.constant_bytes - rival.constant_bytes
        if chosen.form.larger_weights and bytes_more >= LEAST_BYTES:
            ops += 1
            more += bytes_more
            less += rival.cycles - chosen.cycles
    return Paid(ops, more, round(less)) if ops and less > 0 else None
