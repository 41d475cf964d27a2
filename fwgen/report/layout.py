"""The layout of the arena: a build's JSON -> Layout, checked, of which pages and pictures are
made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fwgen.compile.plan import Arena
from fwgen.compile.plan.occupancy import Moment, moments
from fwgen.compile.plan.problem import Buffer
from fwgen.errors import UsageError
from fwgen.report.text_tables import proof

_NAMED = 4
"""Ops of a peak that are named."""

KINDS = ("input", "output", "activation", "scratch")


@dataclass(frozen=True)
class PlacedBuffer:
    """A buffer and its place in the arena: ``label`` is its short name, ``holds`` describes its
    content.

    ``offset`` runs through all arenas, ``within`` through that of its region.
    """

    kind: str
    label: str
    holds: tuple[str, ...]
    buffer: Buffer
    offset: int
    arena: Arena

    @property
    def end(self) -> int:
        """The first byte above it."""
        return self.offset + self.buffer.bytes

    @property
    def within(self) -> int:
        """Its offset in the arena of its region."""
        return self.offset - self.arena.base


@dataclass(frozen=True)
class OpRow:
    """What is known of an op beside the arena."""

    index: int
    code: str
    shape: str
    kernel: str
    reason: str
    expected_cycles: int
    macs: int
    constant_bytes: int


@dataclass(frozen=True)
class Layout:
    """A model's arena on a board, in regions one above the other. ``wait_cycles`` is what slow ones
    cost in an inference, by estimate."""

    model: str
    board: str
    cpu: str
    goal: str
    fastest_cycles: int
    fwgen: str
    wait_cycles: int
    arenas: tuple[Arena, ...]
    ops: tuple[OpRow, ...]
    placed: tuple[PlacedBuffer, ...]

    @property
    def arena_bytes(self) -> int:
        """Of all regions."""
        return sum(arena.bytes for arena in self.arenas)

    @property
    def proof(self) -> str:
        """What is known of the arena's size."""
        whole = proof(self.arena_bytes, sum(a.lower_bound_bytes for a in self.arenas))
        return whole + (" in each region" if len(self.arenas) > 1 else "")

    @property
    def regions(self) -> tuple[str, ...]:
        """What is in each of several regions."""
        if len(self.arenas) == 1:
            return ()
        return tuple(
            f"{a.region} {a.bytes:,} bytes ({proof(a.bytes, a.lower_bound_bytes)})"
            for a in self.arenas
        )

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """What is in the arena while each op runs."""
        buffers = [p.buffer for p in self.placed]
        return moments(buffers, [p.offset for p in self.placed], len(self.ops))

    @cached_property
    def peaks(self) -> tuple[int, ...]:
        """Positions of the ops at which most of the arena is in use."""
        most = max(moment.bytes for moment in self.moments)
        return tuple(p for p, moment in enumerate(self.moments) if moment.bytes == most)

    @property
    def peak_ops(self) -> str:
        """The ops of the peak in words, the first of many."""
        ops = [self.ops[position] for position in self.peaks[:_NAMED]]
        more = len(self.peaks) - len(ops)
        names = ", ".join(f"op {op.index} {op.code}" for op in ops)
        return names + (f" and {more:,} more" if more else "")

    def scratch_bytes(self, position: int) -> int:
        """Scratch of the op at a position."""
        live = (self.placed[j] for j in self.moments[position].live)
        return sum(p.buffer.bytes for p in live if p.kind == "scratch")

    @property
    def expected_cycles(self) -> int:
        """Of an inference."""
        return sum(op.expected_cycles for op in self.ops)

    def overlaps(self, position: int) -> tuple[str, ...]:
        """Which buffers share memory while an op runs, and how many bytes."""
        return tuple(
            f"{self.placed[s.a].label} and {self.placed[s.b].label}: {s.bytes:,}"
            for s in self.moments[position].shared
        )


def read_layout(result: Mapping[str, Any], at: str) -> Layout:
    """The arena of the project ``at``. Raises UsageError if the project's JSON does not tell it."""
    if not {"buffers", "fastest_cycles", "expected_wait_cycles"} <= result.keys():
        raise UsageError(
            "The project was made by a fwgen that did not keep the arena's buffers and cycles.",
            at=at,
            tries=("fwgen build with the same model and board, then this again",),
        )
    try:
        return _layout(result)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        raise UsageError(
            "What the project's fwgen.json says of its arena is damaged.",
            at=at,
            tries=("fwgen build with the same model and board, then this again",),
        ) from None


def _layout(result: Mapping[str, Any]) -> Layout:
    memory = result["memory"]
    ops = tuple(
        OpRow(
            index=_count(op["index"]),
            code=_word(op["op"]),
            shape=_word(op["shape"]),
            kernel=_word(op["kernel"]),
            reason=_word(op["reason"]),
            expected_cycles=_count(op["expected_cycles"]),
            macs=_count(op["macs"]),
            constant_bytes=_count(op["constant_bytes"]),
        )
        for op in result["ops"]
    )
    arenas = _arenas(memory)
    by_name = {arena.region: arena for arena in arenas}
    placed = tuple(_placed(b, by_name[b["region"]], len(ops)) for b in result["buffers"])
    if not ops or not placed or len(by_name) < len(arenas):
        raise ValueError
    return Layout(
        model=_word(result["model"]["name"]),
        board=_word(result["board"]),
        cpu=_word(result["cpu"]),
        goal=_word(result["goal"]),
        fastest_cycles=_count(result[_fastest(result)]),
        fwgen=_word(result["fwgen"]),
        wait_cycles=_count(result["expected_wait_cycles"]),
        arenas=arenas,
        ops=ops,
        placed=placed,
    )


def _fastest(result: Mapping[str, Any]) -> str:
    """What a choice is compared with: also kernels that are not at hand, if they are faster."""
    return "fastest_known_cycles" if result.get("library_not_at_hand") else "fastest_cycles"


def _arenas(memory: Mapping[str, Any]) -> tuple[Arena, ...]:
    found: list[Arena] = []
    base = 0
    for data in memory["arenas"]:
        size = _count(data["bytes"], 1)
        bound = _count(data["lower_bound_bytes"], 0, size)
        found.append(Arena(_word(data["region"]), base, size, bound))
        base += size
    if base != _count(memory["arena_bytes"], 1):
        raise ValueError
    if sum(a.lower_bound_bytes for a in found) != _count(memory["arena_lower_bound_bytes"]):
        raise ValueError
    return tuple(found)


def _placed(data: Mapping[str, Any], arena: Arena, ops: int) -> PlacedBuffer:
    kind = data["kind"]
    if kind not in KINDS:
        raise ValueError
    offset = _count(data["offset"], 0, arena.bytes - 1)
    first = _count(data["first"], 0, ops)
    tensors = [_tensor(t) for t in data["tensors"]]
    scratch_of = None if data["scratch_of"] is None else _count(data["scratch_of"])
    scratch = f"scratch of op {scratch_of}"
    return PlacedBuffer(
        kind=kind,
        label=scratch if kind == "scratch" else "+".join(label for label, _ in tensors),
        holds=(scratch,) if kind == "scratch" else tuple(what for _, what in tensors),
        buffer=Buffer(
            bytes=_count(data["bytes"], 1, arena.bytes - offset),
            first=first,
            last=_count(data["last"], first + 1, ops + 1),
            scratch_of=scratch_of,
        ),
        offset=arena.base + offset,
        arena=arena,
    )


def _tensor(data: Mapping[str, Any]) -> tuple[str, str]:
    """A tensor's label, and all about it."""
    label = f"t{_count(data['index'])}"
    shape = "x".join(str(_count(extent)) for extent in data["shape"]) or "scalar"
    return label, f"{label} {_word(data['name'])}, {_word(data['dtype'])} {shape}"


def _count(value: object, least: int = 0, most: int = 1 << 62) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError
    return value


def _word(value: object) -> str:
    """A text that XML can hold: characters that do not print are shown by their numbers."""
    if not isinstance(value, str):
        raise TypeError
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in value
    )


def layout_data(layout: Layout) -> dict[str, Any]:
    """What a report adds to the JSON of a build: the arena at each op."""
    return {
        "moments": [
            {
                "op": op.index,
                "live_bytes": moment.bytes,
                "top_bytes": moment.top,
                "scratch_bytes": layout.scratch_bytes(position),
                "buffers": list(moment.live),
                "overlaps": [
                    {
                        "buffers": [s.a, s.b],
                        "offset": s.offset - layout.placed[s.a].arena.base,
                        "bytes": s.bytes,
                    }
                    for s in moment.shared
                ],
            }
            for position, (op, moment) in enumerate(zip(layout.ops, layout.moments, strict=True))
        ],
        "peak_ops": [layout.ops[position].index for position in layout.peaks],
        "peak_bytes": layout.moments[layout.peaks[0]].bytes,
    }
