"""Limits of figures: how much larger than before each may be and has not regressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from fwgen.errors import UsageError
from fwgen.host.spelling import meant, shown


@dataclass(frozen=True)
class Limit:
    """Growth that is none: a ``share`` of the figure before (Fraction(2, 100): 2 %), and ``more``
    in the figure's own unit. ``text`` is how it was written."""

    share: Fraction = Fraction(0)
    more: Fraction = Fraction(0)
    text: str = "0 %"

    def most(self, old: Fraction) -> Fraction:
        """The largest value that is no regression after ``old``."""
        return old * (1 + self.share) + self.more


@dataclass(frozen=True)
class Limits:
    """``others`` is the limit of all figures that have none of their own ``by_figure``, by name."""

    others: Limit = Limit()
    by_figure: Mapping[str, Limit] = field(default_factory=dict)

    def of(self, figure: str) -> Limit:
        """The limit of a figure."""
        return self.by_figure.get(figure, self.others)

    def require_known(self, figures: Iterable[str]) -> None:
        """Raise UsageError for a limit of a figure that is none of ``figures``: it would limit
        nothing."""
        known = list(dict.fromkeys(figures))
        for name in self.by_figure:
            if name not in known:
                raise UsageError(
                    f"There is no figure {shown(name)} in either result.",
                    at="--limit",
                    tries=(*meant(name, known), f"one of {', '.join(known[:20])}"),
                )

    @property
    def as_dict(self) -> dict[str, str]:
        """Each limit as it was written, by its figure; ``""`` is that of all others."""
        named = {name: limit.text for name, limit in self.by_figure.items()}
        return {"": self.others.text, **named}
