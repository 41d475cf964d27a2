"""The overlaps that a form of a kernel permits: of an op's output and an input that dies there.

Selection prices it (how much less is in memory while the op runs), the plan keeps to it (where the
two buffers may be). Both ask here, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fwgen.contract.kernel import Form


@dataclass(frozen=True)
class Permission:
    """How the output may lie over the input at ``place`` of an op that is the input's last use.

    ``forwards``: the output begins at least so many bytes before the input, if the kernel goes from
    the first byte to the last. ``backwards``: it ends at least so many bytes after the input, if
    the kernel goes the other way. None means that the kernel must not go that way. What the two
    begin apart is a multiple of ``step_bytes``.
    """

    place: int
    forwards: int | None
    backwards: int | None
    step_bytes: int


def permissions(form: Form, dying: Iterable[int]) -> Iterator[Permission]:
    """One per dying input, which ``dying`` has by its place among the op's inputs."""
    places = tuple(dying)
    for place in places:
        # a kernel walks all inputs the same way: backwards is proven for one input alone
        back = form.backwards_at(place) if len(places) == 1 else None
        yield Permission(place, form.forwards_at(place), back, form.step_bytes)
