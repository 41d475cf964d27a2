"""Buffers + Rooms -> Parts: which buffer of the arena goes into which region.

All go into the first region that have no region of their own. As long as they do not fit, those
leave for the next one that cost least there: at each moment with too much in use, the fewest
accesses per byte. Then those that are accessed most come back, if they fit after all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fwgen.board.placement import Room
from fwgen.compile.plan.occupancy import Moment, moments
from fwgen.compile.plan.problem import Buffer

_STEPS = 32
"""In which less and less is asked to be in use where gaps keep what is left from fitting."""

_COMEBACKS = 24
"""Buffers that are tried again, each of which takes a plan."""

_COMEBACK_BUFFERS = 6000
"""All buffers times those tried again, at most."""


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
