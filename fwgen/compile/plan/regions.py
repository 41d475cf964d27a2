"""Buffers + Rooms -> Parts: which buffer of the arena goes into which region.

A pinned buffer goes to its own region. All others start in the first region. While the buffers do
not fit, some leave for the next region. At each moment with too much in use, these are the buffers
with the fewest accesses per byte, for which waiting for slower memory costs least. At the end, the
buffers with the most accesses come back one by one, where they fit after all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fwgen.board.placement import Room
from fwgen.compile.plan.occupancy import Moment, moments
from fwgen.compile.plan.problem import Buffer

_STEPS = 32
"""Into how many parts a capacity is divided: where gaps between buffers keep them from fitting,
the bytes in use are limited to one part less, and again."""

_COMEBACKS = 24
"""Buffers that may come back at most; to try one takes a plan of the region."""

_COMEBACK_BUFFERS = 6000
"""The most buffers of an arena times buffers that may come back, which bounds the time."""


@dataclass(frozen=True)
class Packed:
    """A plan of one region: the buffers in it with their offsets, and its size."""

    members: tuple[int, ...]
    offsets: tuple[int, ...]
    bytes: int
    lower_bound_bytes: int
    backwards: frozenset[int]


Pack = Callable[[Sequence[int], int | None], Packed]
"""Plans some of the buffers; with a capacity, the first plan within it is good enough."""


@dataclass(frozen=True)
class Wanted:
    """Buffers to spread, with the accesses of each and the region of those that are pinned."""

    buffers: Sequence[Buffer]
    accesses: Sequence[float]
    pinned: Mapping[int, str]

    def density(self, j: int) -> tuple[float, int]:
        """Accesses per byte of a buffer, for an order that is always the same."""
        return self.accesses[j] / self.buffers[j].bytes, j


def spread(wanted: Wanted, rooms: Sequence[Room], pack: Pack) -> list[Packed]:
    """A plan for each of the rooms. What fits nowhere is in the last open one, too large."""
    left = [j for j in range(len(wanted.buffers)) if j not in wanted.pinned]
    last = max(number for number, room in enumerate(rooms) if room.open)
    parts = []
    for number, room in enumerate(rooms):
        pinned = [j for j, region in wanted.pinned.items() if region == room.region]
        free = left if room.open else []
        part = pack(sorted((*pinned, *free)), None)
        if number < last and room.open and part.bytes > room.bytes:
            part = _fitted(wanted, part, int(max(0, room.bytes)), pack)
        if room.open:
            left = [j for j in left if j not in part.members]
        parts.append(part)
    return parts


def _fitted(wanted: Wanted, part: Packed, capacity: int, pack: Pack) -> Packed:
    """A part with fewer buffers, within the capacity if pinned ones permit it."""
    gone: set[int] = set()
    aim = capacity
    while part.bytes > capacity:
        leaving = _leaving(wanted, part, aim)
        if leaving:
            gone |= leaving
            part = pack([j for j in part.members if j not in leaving], capacity)
        elif aim > 0:
            aim -= max(1, capacity // _STEPS)  # it would fit but for gaps
        else:
            return part
    tries = min(_COMEBACKS, _COMEBACK_BUFFERS // len(wanted.buffers))
    back = sorted(gone, key=lambda j: (-wanted.accesses[j], j))
    for j in [j for j in back if wanted.buffers[j].bytes <= capacity][:tries]:
        more = pack(sorted((*part.members, j)), capacity)
        part = more if more.bytes <= capacity else part
    whole = pack(part.members, None)
    return whole if whole.bytes <= capacity else part


def _leaving(wanted: Wanted, part: Packed, capacity: int) -> set[int]:
    """Buffers to be without for at most ``capacity`` bytes to be in use at each moment."""
    buffers = [wanted.buffers[j] for j in part.members]
    found = moments(buffers, part.offsets, max((b.last for b in buffers), default=0))
    leaving: set[int] = set()
    for moment in sorted(found, key=lambda m: -m.bytes):
        live = _movable(wanted, part, moment)
        excess = moment.bytes - capacity - _bytes(wanted, leaving.intersection(live))
        if excess > 0:
            leaving |= _cheapest(wanted, [j for j in live if j not in leaving], excess)
    return leaving


def _movable(wanted: Wanted, part: Packed, moment: Moment) -> list[int]:
    live = (part.members[i] for i in moment.live)
    return [j for j in live if j not in wanted.pinned]


def _cheapest(wanted: Wanted, live: Sequence[int], excess: int) -> set[int]:
    """Buffers of ``excess`` bytes, if there are so many: one, or those with fewest accesses per
    byte, whichever have fewer accesses."""
    several: set[int] = set()
    for j in sorted(live, key=wanted.density):
        if _bytes(wanted, several) >= excess:
            break
        several.add(j)
    single = [{j} for j in live if wanted.buffers[j].bytes >= excess]
    return min((several, *single), key=lambda group: sum(wanted.accesses[j] for j in group))


def _bytes(wanted: Wanted, group: Iterable[int]) -> int:
    return sum(wanted.buffers[j].bytes for j in group)
