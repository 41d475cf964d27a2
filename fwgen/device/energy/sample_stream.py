"""Samples of an energy probe as they come -> what lies between edges.

Nothing is kept but sums at each edge, and where samples were lost. So a session may last for days.
"""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.device.energy.probe import MeterWindow

MOST_LOSSES = 10_000
"""Losses that are told apart; more are one from the first to the last."""


@dataclass(frozen=True)
class EdgeMark:
    """Sums of all samples before an edge."""

    joules: float
    samples: int
    clipped: int


@dataclass(frozen=True)
class Loss:
    """``lost`` samples are missing after ``first`` samples or later, before ``last``."""

    first: int
    last: int
    lost: int


class SampleStream:
    """A stream since the meter was armed.

    ``known`` is after how many samples it is certain what was lost before: for most probes after
    each, for some only when a time stamp comes.
    """

    def __init__(self) -> None:
        self.joules = 0.0
        self.samples = 0
        self.clipped = 0
        self.known = 0
        self.edges = 0
        self._marks: list[EdgeMark] = []
        self._losses: list[Loss] = []

    def add(self, joules: float, samples: int = 1, clipped: int = 0) -> None:
        """Samples have come, which are so many joules together."""
        self.joules += joules
        self.samples += samples
        self.clipped += clipped

    def lose(self, lost: int, first: int | None = None) -> None:
        """Samples are missing: here, or somewhere since there were ``first``."""
        first = self.samples if first is None else first
        if len(self._losses) >= MOST_LOSSES:
            before = self._losses.pop()
            first, lost = min(first, before.first), lost + before.lost
        self._losses.append(Loss(first, self.samples, lost))

    def mark(self) -> None:
        """An edge is here."""
        self.edges += 1
        self._marks = [*self._marks[-1:], EdgeMark(self.joules, self.samples, self.clipped)]

    @property
    def complete(self) -> bool:
        """Whether two edges have come, and all that was lost between them is known."""
        return len(self._marks) >= 2 and self.known >= self._marks[-1].samples

    def window(self) -> MeterWindow:
        """What lies between the latest two edges; there are two."""
        begin, end = self._marks[-2:]
        lost = sum(
            loss.lost
            for loss in self._losses
            if loss.last >= begin.samples and loss.first <= end.samples
        )
        return MeterWindow(
            joules=end.joules - begin.joules,
            samples=end.samples - begin.samples,
            lost=lost,
            clipped=end.clipped - begin.clipped,
            edges=self.edges,
        )
