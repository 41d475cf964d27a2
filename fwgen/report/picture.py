"""Layout -> Picture: time to the right, addresses upwards, a rectangle per buffer. Then -> SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import jinja2

from fwgen.host.resources import templates_dir
from fwgen.report.layout import KINDS, Layout, PlacedBuffer

_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 16, 40, 56
_HEIGHT = 460
_WIDTH = 1100
"""Of the plot, unless the ops are few or many."""

_COLUMN = (6.0, 90.0)
"""Least and most width of an op."""

_LETTER = 6.5
"""About the width of one in a name."""

_LABEL = 26
"""Width that an op's number takes."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; ``name`` is written in it, ``title`` shown when it is pointed at."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str = ""
    name: str = ""
    placed: PlacedBuffer | None = None

    @property
    def middle(self) -> tuple[float, float]:
        """Where its name goes."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Tick:
    """A text beside an axis, at a distance from its beginning; ``kind`` if it is a line, too."""

    at: float
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Picture:
    """The content of the picture that the template prints: its size, the size of the plot, and
    the shapes in it."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    caption: str
    peaks: tuple[Box, ...]
    buffers: tuple[Box, ...]
    shared: tuple[Box, ...]
    addresses: tuple[Tick, ...]
    lines: tuple[Tick, ...]
    regions: tuple[Tick, ...]
    ops: tuple[Tick, ...]
    key: tuple[Box, ...]


def svg(layout: Layout) -> str:
    """The arena as a picture that needs nothing else."""
    return templates().get_template("arena.svg.j2").render(p=draw(layout), kinds=KINDS)


def templates() -> jinja2.Environment:
    """The templates of reports. They escape everything that they print."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_dir() / "report"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )
    environment.filters["px"] = lambda value: f"{value:.2f}".rstrip("0").rstrip(".")
    return environment


def draw(layout: Layout) -> Picture:
    """Where everything goes."""
    columns = len(layout.ops) + 1  # outputs are there to be read after the last op
    column = min(max(_WIDTH / columns, _COLUMN[0]), _COLUMN[1])
    scale = _Scale(column, _HEIGHT / layout.arena_bytes)
    right, bottom = _LEFT + columns * column, float(_TOP + _HEIGHT)
    every = -(-_LABEL // column)
    numbers = [str(op.index) for op in layout.ops]
    return Picture(
        width=max(right + _RIGHT, _LEFT + 800),
        height=bottom + _BOTTOM,
        left=_LEFT,
        right=right,
        bottom=bottom,
        caption=f"{layout.model} on {layout.board}: arena {layout.arena_bytes:,} bytes, "
        + layout.proof,
        peaks=tuple(_peaks(layout, scale)),
        buffers=tuple(_buffers(layout, scale)),
        shared=tuple(_shared(layout, scale)),
        addresses=tuple(_addresses(layout, scale)),
        lines=tuple(_lines(layout, scale)),
        regions=tuple(
            Tick(scale.y(arena.base), arena.region) for arena in layout.arenas if layout.regions
        ),
        ops=tuple(
            Tick(scale.x(position + 0.5), number)
            for position, number in enumerate([*numbers, "end"])
            if position % every == 0
        ),
        key=tuple(
            Box(kind, _LEFT + 90 * number, bottom + 34, 12, 12, name=kind)
            for number, kind in enumerate(KINDS)
        ),
    )


@dataclass(frozen=True)
class _Scale:
    """Pixels per op and per byte."""

    column: float
    byte: float

    def x(self, position: float) -> float:
        return _LEFT + position * self.column

    def y(self, address: int) -> float:
        return _TOP + _HEIGHT - address * self.byte

    def box(self, kind: str, span: tuple[int, int], memory: tuple[int, int]) -> Box:
        """Ops [first, last) and bytes [begin, end) as a rectangle."""
        (first, last), (begin, end) = span, memory
        width, height = (last - first) * self.column, (end - begin) * self.byte
        return Box(kind, self.x(first), self.y(end), width, height)


def _addresses(layout: Layout, scale: _Scale) -> Iterator[Tick]:
    """In each region from its arena's first byte on, none on top of the next region's first."""
    step = _address_step(layout.arena_bytes)
    for arena in layout.arenas:
        for at in range(0, arena.bytes, step):
            if at == 0 or arena is layout.arenas[-1] or arena.bytes - at >= step // 2:
                yield Tick(scale.y(arena.base + at), f"{at:,}")


def _lines(layout: Layout, scale: _Scale) -> Iterator[Tick]:
    for arena in layout.arenas:
        yield Tick(scale.y(arena.base + arena.bytes), "arena top", "limit")
        yield Tick(scale.y(arena.base + arena.lower_bound_bytes), "lower bound", "bound")


def _buffers(layout: Layout, scale: _Scale) -> Iterator[Box]:
    # large ones first, so that no rectangle hides another from the pointer
    for placed in sorted(layout.placed, key=lambda p: -p.buffer.bytes * _life(p)):
        span = placed.buffer.first, placed.buffer.last
        box = scale.box(placed.kind, span, (placed.offset, placed.end))
        fits = box.width > _LETTER * len(placed.label) and box.height > 12
        yield Box(
            box.kind, box.x, box.y, box.width, box.height,
            title=_title(layout, placed),
            name=placed.label if fits else "",
            placed=placed,
        )  # fmt: skip


def _life(placed: PlacedBuffer) -> int:
    return placed.buffer.last - placed.buffer.first


def _title(layout: Layout, placed: PlacedBuffer) -> str:
    buffer = placed.buffer
    names = [f"op {op.index} {op.code}" for op in layout.ops] + ["the end"]
    place = f" in {placed.arena.region}" if layout.regions else ""
    lines = (
        *placed.holds,
        f"{placed.kind}, {buffer.bytes:,} bytes at offset {placed.within:,}, "
        f"up to {placed.within + buffer.bytes:,}{place}",
        f"lives from {names[buffer.first]} through {names[buffer.last - 1]}",
    )
    return "\n".join(lines)


def _shared(layout: Layout, scale: _Scale) -> Iterator[Box]:
    """What live buffers have in common, once for a stretch of ops."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for moment in layout.moments:
        for s in moment.shared:
            found[s.a, s.b] = (s.offset, s.offset + s.bytes)
    for (a, b), memory in sorted(found.items()):
        x, y = layout.placed[a].buffer, layout.placed[b].buffer
        yield scale.box("shared", (max(x.first, y.first), min(x.last, y.last)), memory)


def _peaks(layout: Layout, scale: _Scale) -> Iterator[Box]:
    for position in layout.peaks:
        op, used = layout.ops[position], layout.moments[position].bytes
        box = scale.box("peak", (position, position + 1), (0, layout.arena_bytes))
        title = f"peak: op {op.index} {op.code}, {used:,} bytes in use"
        yield Box(box.kind, box.x, box.y, box.width, box.height, title=title)


def _address_step(arena_bytes: int) -> int:
    """A power of two that divides the arena into 4 to 8 steps."""
    return int(max(1, 1 << max(0, (arena_bytes - 1).bit_length() - 3)))
