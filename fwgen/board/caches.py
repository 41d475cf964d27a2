"""The caches between the core and slower memory: sections ``[[cache]]`` of a board file."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.board.facts import Board
from fwgen.board.keys import REGION, Integer, Key, Listed, OneOf
from fwgen.board.sections import Section

HELD = ("code", "data")


@dataclass(frozen=True)
class Cache:
    """A cache of ``bytes`` in lines of ``line_bytes``, for accesses to ``regions``.

    It ``holds`` instructions ("code"), or what is loaded and stored ("data"), or both. A line can
    be in one of ``ways`` places; 0 stands for all places that there are.
    """

    holds: tuple[str, ...]
    regions: tuple[str, ...]
    bytes: int
    line_bytes: int
    ways: int = 0

    @property
    def sets(self) -> int:
        """Groups of ``ways`` lines."""
        lines = self.bytes // self.line_bytes
        return lines // (self.ways or lines)


def _cache(**values: object) -> Cache:
    cache = Cache(**values)  # type: ignore[arg-type]
    for key in ("holds", "regions"):
        if not values[key]:
            raise ValueError(f"{key}: expected one or more")
    lines = cache.bytes // cache.line_bytes
    if cache.bytes % cache.line_bytes or lines % (cache.ways or lines):
        raise ValueError("bytes: expected whole lines, and as many of them in each way")
    if cache.line_bytes & (cache.line_bytes - 1) or cache.sets & (cache.sets - 1):
        raise ValueError("line_bytes: expected a power of two, and such a number of sets")
    return cache


def _check(board: Board, caches: tuple[Cache, ...]) -> None:
    names = [region.name for region in board.regions]
    seen: set[tuple[str, str]] = set()
    for index, cache in enumerate(caches):
        for name in cache.regions:
            if name not in names:
                raise ValueError(f"cache[{index}].regions: the board has no region {name}")
        held = {(what, name) for what in cache.holds for name in cache.regions}
        if seen & held:
            raise ValueError(f"cache[{index}].regions: another cache holds the same")
        seen |= held


SECTION = Section(
    "cache",
    "A cache between the core and regions with wait states, one table for each.",
    (
        Key("holds", Listed(OneOf(lambda: HELD)), "what is in it: instructions, data, or both"),
        Key("regions", Listed(REGION), "the regions of which it holds lines"),
        Key("bytes", Integer(16, 1 << 24), "its size in bytes"),
        Key("line_bytes", Integer(4, 1024), "what is brought at a time, in bytes"),
        Key("ways", Integer(0, 1024), "places that a line may be in; 0 for all that there are", 0),
    ),
    _cache,
    several=True,
    check=_check,
)


def cache_of(board: Board, region: str, what: str) -> Cache | None:
    """The cache that holds ``what`` of a region, "code" or "data"; None if there is none."""
    every = board.every(SECTION)
    return next((c for c in every if what in c.holds and region in c.regions), None)
