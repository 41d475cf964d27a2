"""The placement of memory: ``--place WHAT=REGION`` -> Board and Pins; and the room that regions
have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from fwgen.board import LISTED_PLACES, Board, Region, kind_of
from fwgen.board.caches import cache_of
from fwgen.errors import UsageError

OPTION = "--place"
PLACEABLE = ("arena", "weights", "data", "stack", "code")
"""What of a board's ``place`` an option may move; vectors are where the core looks for them."""

RUNTIME_DATA_BYTES = 512
"""More than the runtime's own data, beside state and its copy of the inputs."""

VECTORS_BYTES = 128
"""Of the vectors, or of a copy of the first of them."""

_CODE_MARGIN = 1.1


@dataclass(frozen=True)
class Pins:
    """Buffers of the arena that have a region of their own: tensors, and scratch of ops."""

    tensors: Mapping[int, str] = field(default_factory=dict)
    scratch: Mapping[int, str] = field(default_factory=dict)

    @property
    def regions(self) -> frozenset[str]:
        """All that are named."""
        return frozenset((*self.tensors.values(), *self.scratch.values()))

    def of(self, tensors: Sequence[int], scratch_of: int | None) -> list[str]:
        """The regions that were asked for a buffer."""
        found = [self.tensors[t] for t in tensors if t in self.tensors]
        return found + [region for op, region in self.scratch.items() if op == scratch_of]


NO_PINS = Pins()


@dataclass(frozen=True)
class Room:
    """``bytes`` of a region that are left for something, with ``word_waits`` idle cycles for each
    word that is brought from it.

    It is behind a data cache of ``cache_bytes``, 0 if there is none. ``open`` unless only what is
    pinned there may be in it.
    """

    region: str
    bytes: float
    word_waits: float
    open: bool = True
    cache_bytes: int = 0


def parse_places(board: Board, options: Sequence[str]) -> tuple[Board, Pins]:
    """The board with other places, and pins. Raises UsageError naming the option that is wrong."""
    place = dict(board.place)
    tensors: dict[int, str] = {}
    scratch: dict[int, str] = {}
    seen: set[str] = set()
    for text in options:
        what, equals, names = text.partition("=")
        if not equals or not names:
            raise _wrong(text, f"Expected WHAT=REGION, got {text[:40]!r}.")
        if board.native:
            raise _wrong(text, f"Expected a board with regions, but {board.name} has none.")
        if what in seen:
            raise _wrong(text, f"Expected each of what is placed once, got {what} twice.")
        seen.add(what)
        numbered = re.fullmatch(r"(t|op)(\d{1,6})", what)
        if numbered:
            pins = tensors if numbered[1] == "t" else scratch
            pins[int(numbered[2])] = _regions(board, text, "arena", names, several=False)[0]
        elif what in PLACEABLE:
            place[what] = _regions(board, text, what, names, several=what in LISTED_PLACES)
        else:
            expected = ", ".join(PLACEABLE)
            raise _wrong(
                text,
                f"Expected {expected}, a tensor such as t12 or an op's scratch such as op3, "
                f"got {what[:40]!r}.",
            )
    changed = replace(board, place=place)
    stacks = changed.regions_for("stack") if "stack" in seen else ()
    if stacks and max(region.bytes for region in stacks) < board.stack_bytes:
        raise _wrong(
            f"stack={','.join(region.name for region in stacks)}",
            f"Expected a region with room for the stack of {board.stack_bytes:,} bytes, "
            f"got {', '.join(f'{region.name} with {region.bytes:,}' for region in stacks)}.",
        )
    return changed, Pins(tensors, scratch)


def _regions(board: Board, text: str, what: str, names: str, several: bool) -> tuple[str, ...]:
    """The regions of an option, all of a kind that suits ``what``."""
    found = tuple(names.split(","))
    fitting = [region.name for region in board.regions if region.kind == kind_of(what)]
    kinds = {region.name: region.kind for region in board.regions}
    for name in found:
        if name not in fitting:
            kind = f", which is of kind {kinds[name]}" if name in kinds else ""
            raise _wrong(
                text,
                f"Expected a region of {board.name} of kind {kind_of(what)} "
                f"({', '.join(fitting)}), got {name[:40]!r}{kind}.",
            )
    if not several and len(found) > 1:
        raise _wrong(text, f"Expected one region, got {len(found)}.")
    if len(set(found)) < len(found):
        raise _wrong(text, f"Expected different regions, got {names[:80]}.")
    return found


def _wrong(text: str, what: str) -> UsageError:
    return UsageError(
        what,
        at=f"{OPTION} {text[:80]}",
        tries=("--place arena=ISRAM", "fwgen boards --json FILE, which lists all regions"),
    )


def settled(board: Board, kept_bytes: int) -> Board:
    """The board with stack and data in the first of their regions with room for them, or else in
    the roomiest. ``kept_bytes`` is what firmware keeps of state and inputs."""
    if board.native:
        return board
    for what, needed in (("stack", board.stack_bytes), ("data", kept_bytes + RUNTIME_DATA_BYTES)):
        listed = board.regions_for(what)
        room = {r.name: r.bytes - (what == "data") * _stack_in(board, r) for r in listed}
        fitting = [name for name, has in room.items() if has >= needed]
        board = put_in(board, what, (fitting or sorted(room, key=room.__getitem__)[-1:])[0])
    return board


def _stack_in(board: Board, region: Region) -> int:
    return board.stack_bytes if board.region("stack") == region else 0


def put_in(board: Board, what: str, region: str) -> Board:
    """The board with one of LISTED_PLACES in a region of its list, which becomes the first."""
    others = tuple(name for name in board.place[what] if name != region)
    return replace(board, place={**board.place, what: (region, *others)})


def elsewhere(board: Board, what: str, needed: int) -> Iterator[Board]:
    """Boards like this one with ``what``, one of LISTED_PLACES, in another of its regions, for
    each that has at least ``needed`` bytes."""
    for region in board.regions_for(what)[1:]:
        if region.bytes >= needed:
            yield put_in(board, what, region.name)


def moves(asked: Board, found: Board) -> tuple[Mapping[str, Any], ...]:
    """What ``found`` has in other regions than the ones that were ``asked`` for first, as JSON."""
    return tuple(
        {
            "what": what,
            "from": asked.region(what).name,
            "to": found.region(what).name,
            "wait_states": found.region(what).wait_states,
            "access_bytes": found.region(what).access_bytes,
        }
        for what in sorted(LISTED_PLACES & found.place.keys())
        if found.region(what) != asked.region(what)
    )


def data_bytes(board: Board, kept_bytes: int, spared: int = RUNTIME_DATA_BYTES) -> int:
    """Bytes of data: what is kept and, unless that is measured, ``spared`` for the runtime's own. A
    library comes without the runtime."""
    return kept_bytes + (0 if board.library_only or "data" in board.measured else spared)


def own_room(board: Board, kept_bytes: int) -> Room:
    """What is left of the memory that the core has its stack in, which no NPU reaches."""
    region = board.region("stack")
    taken = board.stack_bytes + (board.measured_in(region) or 0)
    if board.region("data") == region:
        taken += data_bytes(board, kept_bytes)
    return _left(board, region, region.bytes - taken, False)


def arena_rooms(board: Board, kept_bytes: int, pins: Pins) -> tuple[Room, ...]:
    """What the regions of the arena have left beside stack and data, in order of preference; then
    other regions with pins. ``kept_bytes`` is what firmware keeps of state and inputs."""
    if board.native:
        return (Room("", inf, 0),)
    listed = board.regions_for("arena")
    # where there is no other region, nothing is kept free: the linker has the last word
    spared = RUNTIME_DATA_BYTES if len(listed) > 1 else 0
    pinned = [r for r in board.regions if r.name in pins.regions and r not in listed]
    taken = Counter({board.region("stack").name: board.stack_bytes})
    taken[board.region("data").name] += data_bytes(board, kept_bytes, spared)
    return tuple(_room(board, r, taken, r in listed) for r in (*listed, *pinned))


def _room(board: Board, region: Region, taken: Mapping[str, int], open: bool) -> Room:
    left = region.bytes - taken[region.name] - (board.measured_in(region) or 0)
    return _left(board, region, left, open)


def _left(board: Board, region: Region, left: int, open: bool) -> Room:
    cache = cache_of(board, region.name, "data")
    return Room(region.name, left, region.word_waits, open, 0 if cache is None else cache.bytes)


def code_by_region(board: Board, code_bytes: int) -> Counter[str]:
    """Bytes of code and vectors in each region."""
    taken = Counter({board.region("code").name: code_bytes})
    for what in {"vectors", "boot"}.intersection(board.place):
        taken[board.region(what).name] += VECTORS_BYTES
    return taken


def weights_rooms(board: Board, code_bytes: int, others: Sequence[str] = ()) -> tuple[Room, ...]:
    """What the regions of constants have left beside code, in order of preference; then ``others``,
    which are for some constants only. Until code is measured, it is given more than estimated."""
    if board.native:
        return (Room("", inf, 0),)
    margin = 1.0 if "code" in board.measured else _CODE_MARGIN
    taken = code_by_region(board, round(margin * code_bytes))
    listed = board.regions_for("weights")
    more = [r for r in board.regions if r.name in others and r not in listed]
    return tuple(_room(board, r, taken, r in listed) for r in (*listed, *more))
