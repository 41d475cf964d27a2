"""The waiting for slow memory: the caches of a board, simulated on the accesses of an execution.

A line that a cache has to bring costs the wait states of its region, for as many accesses as the
line takes. A region with wait states and no cache has the last access kept, as bus interfaces do.
Nothing is brought before it is asked for, and a line that was changed goes back at no cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fwgen.board import PLACES, Board, Region
from fwgen.board.caches import HELD, SECTION, Cache
from fwgen.measure.counters.record import Segment


@dataclass(frozen=True)
class SlowMemory:
    """What is slow on a board: ``options`` tell the recorder of its caches. ``line_waits`` are idle
    cycles for a line, by cache and range of it."""

    board: str
    options: tuple[str, ...]
    line_waits: tuple[tuple[int, ...], ...]

    def waits(self, segment: Segment) -> int:
        """Idle cycles of a segment."""
        return sum(
            count * self.line_waits[cache][place]
            for (cache, place), count in segment.refills.items()
        )


def slow_memory(own: Board, ran_on: Board, moved: bool = False) -> SlowMemory | None:
    """Of a board whose image ran on it, or on another one in its place.

    None if nothing is slow, or if it is not known where things would be. That is so where one
    region of the other board stands for several, or parts were ``moved`` to others.
    """
    places = _stand_ins(own, ran_on)
    if places is None or (moved and own.name != ran_on.name):
        return None
    options: list[str] = []
    line_waits: list[tuple[int, ...]] = []
    for cache in _caches(own):
        ranges = [
            (at, region)
            for at, region in places.items()
            if region.name in cache.regions and region.wait_states
        ]
        if ranges:
            what = sum(1 << HELD.index(held) for held in cache.holds)
            ways = cache.ways or cache.bytes // cache.line_bytes
            numbers = f"{what}:{cache.line_bytes}:{ways}:{cache.sets}"
            spans = (f"{at.origin:x}:{at.origin + at.bytes:x}" for at, _ in ranges)
            options.append(f"cache={':'.join((numbers, *spans))}")
            line_waits.append(tuple(_line_waits(cache, region) for _, region in ranges))
    return SlowMemory(own.name, tuple(options), tuple(line_waits)) if options else None


def _line_waits(cache: Cache, region: Region) -> int:
    return region.wait_states * -(-cache.line_bytes // region.access_bytes)


def _caches(board: Board) -> Iterator[Cache]:
    """Those of the board, and the last accesses to what is in none of them."""
    every = board.every(SECTION)
    yield from every
    for region in board.regions:
        for what in HELD if region.kind == "rom" else HELD[1:]:  # code is in no other
            if not any(what in c.holds and region.name in c.regions for c in every):
                size = 1 << (region.access_bytes - 1).bit_length()
                yield Cache((what,), (region.name,), size, size, 1)


def _stand_ins(own: Board, ran_on: Board) -> Mapping[Region, Region] | None:
    """By region of the board that ran it, the one that it stands for."""
    if own.name == ran_on.name:
        return {region: region for region in own.regions}
    found: dict[Region, set[Region]] = {}
    for part in PLACES:
        found.setdefault(ran_on.region(part), set()).add(own.region(part))
    if any(len(regions) > 1 for regions in found.values()):
        return None
    return {at: next(iter(regions)) for at, regions in found.items()}
