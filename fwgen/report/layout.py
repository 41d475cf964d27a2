"""What a build's JSON says of the arena -> Layout, checked: what pages and pictures are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fwgen.errors import UsageError
from fwgen.plan.moments import Moment, moments
from fwgen.plan.problem import Buffer

_NAMED = 4
"""Ops of a peak that are named."""

KINDS = ("input", "output", "activation", "scratch")


@dataclass(frozen=True)
class Placed:
    """A buffer where it lies: ``label`` is a word for it, ``holds`` says what is in it."""

    kind: str
    label: str
    holds: tuple[str, ...]
    buffer: Buffer
    offset: int

    @property
    def end(self) -> int:
        """The first byte above it."""
        return self.offset + self.buffer.bytes


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
    """A model's arena on a board."""

    model: str
    board: str
    cpu: str
    goal: str
    fastest_cycles: int
    fwgen: str
    arena_bytes: int
    lower_bound_bytes: int
    ops: tuple[OpRow, ...]
    placed: tuple[Placed, ...]

    @property
    def proof(self) -> str:
        """What is known of the arena's size."""
        if self.arena_bytes == self.lower_bound_bytes:
            return "proven optimal"
        return f"no plan needs less than {self.lower_bound_bytes:,} bytes"

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
    if not {"buffers", "fastest_cycles"} <= result.keys():
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
    arena = _count(memory["arena_bytes"], 1)
    placed = tuple(_placed(buffer, arena, len(ops)) for buffer in result["buffers"])
    if not ops or not placed:
        raise ValueError
    return Layout(
        model=_word(result["model"]["name"]),
        board=_word(result["board"]),
        cpu=_word(result["cpu"]),
        goal=_word(result["goal"]),
        fastest_cycles=_count(result["fastest_cycles"]),
        fwgen=_word(result["fwgen"]),
        arena_bytes=arena,
        lower_bound_bytes=_count(memory["arena_lower_bound_bytes"], 0, arena),
        ops=ops,
        placed=placed,
    )


def _placed(data: Mapping[str, Any], arena: int, ops: int) -> Placed:
    kind = data["kind"]
    if kind not in KINDS:
        raise ValueError
    offset = _count(data["offset"], 0, arena - 1)
    first = _count(data["first"], 0, ops)
    tensors = [_tensor(t) for t in data["tensors"]]
    scratch_of = None if data["scratch_of"] is None else _count(data["scratch_of"])
    scratch = f"scratch of op {scratch_of}"
    return Placed(
        kind=kind,
        label=scratch if kind == "scratch" else "+".join(label for label, _ in tensors),
        holds=(scratch,) if kind == "scratch" else tuple(what for _, what in tensors),
        buffer=Buffer(
            bytes=_count(data["bytes"], 1, arena - offset),
            first=first,
            last=_count(data["last"], first + 1, ops + 1),
            scratch_of=scratch_of,
        ),
        offset=offset,
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
                    {"buffers": [s.a, s.b], "offset": s.offset, "bytes": s.bytes}
                    for s in moment.shared
                ],
            }
            for position, (op, moment) in enumerate(zip(layout.ops, layout.moments, strict=True))
        ],
        "peak_ops": [layout.ops[position].index for position in layout.peaks],
        "peak_bytes": layout.moments[layout.peaks[0]].bytes,
    }
