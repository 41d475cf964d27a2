"""Larger weights: the flash that a choice pays for kernels that are faster than those with less."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.compile.select.candidates import Candidate, Candidates
from fwgen.compile.select.selection import Paid, Selection

LARGER = 2.5
"""Times the constants of another kernel, from which on they are another form of the same weights:
no packing of kernels that take them as they are comes near it."""

LEAST_BYTES = 1024
"""What is less is not worth a word."""


def smaller(chosen: Candidate, found: Sequence[Candidate]) -> list[Candidate]:
    """Those of its provider that take another form of the same weights, much smaller than it."""
    return [
        c
        for c in found
        if c.row.provider == chosen.row.provider
        and 0 < LARGER * c.constant_bytes < chosen.constant_bytes
        and chosen.constant_bytes - c.constant_bytes >= LEAST_BYTES
    ]


def frugal(found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates of an op but for those with larger weights."""
    return [c for c in found if not smaller(c, found)]


def paid_for(candidates: Candidates, selection: Selection) -> Paid | None:
    """What is paid against the fastest kernels with smaller weights; None if nothing is.

    ``candidates`` are those that the selection was made from.
    """
    ops, more, less = 0, 0, 0.0
    for chosen, found in zip(selection.chosen, candidates, strict=True):
        if others := smaller(chosen, found):
            rival = min(others, key=lambda c: c.cycles)
            ops += 1
            more += chosen.constant_bytes - rival.constant_bytes
            less += rival.cycles - chosen.cycles
    return Paid(ops, more, round(less)) if ops and less > 0 else None
