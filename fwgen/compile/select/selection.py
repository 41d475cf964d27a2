"""Selection: the kernel chosen for each op, why, and what all of them cost together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fwgen.compile.select.candidates import Candidate
from fwgen.compile.select.goals import Totals
from fwgen.kernels.code_bytes import code_bytes, runtime_bytes

Change = dict[int, Candidate]
"""Other candidates, by position."""


class State:
    """A choice with its sums, kept up to date so that a change costs no walk over all ops."""

    def __init__(self, chosen: Sequence[Candidate]) -> None:
        self.chosen = list(chosen)
        self.users = Counter(kernel for c in self.chosen for kernel in c.kernels)
        self.cycles = 1.0 + sum(c.cycles for c in self.chosen)
        self.flash_bytes = runtime_bytes() + sum(c.constant_bytes for c in self.chosen)
        self.flash_bytes += sum(code_bytes(kernel) for kernel in self.users)
        self.by_peak = self._by_peak()

    def _by_peak(self) -> list[int]:
        return sorted(range(len(self.chosen)), key=lambda p: -self.chosen[p].peak_bytes)

    def totals(self, change: Change) -> Totals:
        """What the choice costs after a change."""
        cycles, flash, uses = self.cycles, self.flash_bytes, Counter[str]()
        for position, candidate in change.items():
            old = self.chosen[position]
            cycles += candidate.cycles - old.cycles
            flash += candidate.constant_bytes - old.constant_bytes
            uses.subtract(old.kernels)
            uses.update(candidate.kernels)
        for kernel, more in uses.items():
            before = self.users[kernel] > 0
            after = self.users[kernel] + more > 0
            flash += (after - before) * code_bytes(kernel)
        others = (p for p in self.by_peak if p not in change)
        first = next(others, None)
        peaks = [c.peak_bytes for c in change.values()]
        peaks += [] if first is None else [self.chosen[first].peak_bytes]
        return Totals(cycles, flash, max(peaks, default=0))

    def apply(self, change: Change) -> None:
        """Make a change."""
        after = self.totals(change)
        self.cycles, self.flash_bytes = after.cycles, after.flash_bytes
        for position, candidate in change.items():
            self.users.subtract(self.chosen[position].kernels)
            self.users.update(candidate.kernels)
            self.chosen[position] = candidate
        self.by_peak = self._by_peak()


@dataclass(frozen=True)
class SlowOp:
    """An op that plain C computes, its ``share`` of the expected cycles, and ``why`` it does."""

    index: int
    code: str
    kernel: str
    cycles: int
    share: float
    why: str


@dataclass(frozen=True)
class Paid:
    """What ``ops`` with larger weights take more of flash, and the cycles that they take less."""

    ops: int
    flash_bytes: int
    cycles: int


@dataclass(frozen=True)
class Speed:
    """``slow`` are the ops in plain C that matter, most cycles first.

    ``known_cycles`` are those of the fastest kernels if ``library``, which is not at hand, is
    counted too. It is None if there is no such library, or if it would not be faster. ``paid`` is
    the flash that speed has cost, if any.
    """

    slow: tuple[SlowOp, ...]
    known_cycles: int
    library: str | None
    paid: Paid | None = None


NOTHING_SLOW = Speed((), 0, None)


@dataclass(frozen=True)
class Selection:
    """The chosen candidate of each op, by position in ``Graph.ops``, why it was chosen, and the
    goal that all serve.

    ``fastest_cycles`` is what the fastest candidates would cost, without cascades; ``by_provider``
    are the cycles of each provider's fastest for an op. ``speed`` is what is to be said of ops in
    plain C.
    """

    chosen: tuple[Candidate, ...]
    reasons: tuple[str, ...]
    goal: str
    fastest_cycles: float
    by_provider: tuple[Mapping[str, float], ...]
    speed: Speed = NOTHING_SLOW

    @property
    def totals(self) -> Totals:
        """What the chosen cost together."""
        return State(self.chosen).totals({})
