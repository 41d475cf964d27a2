"""The record of an execution: the recorder's lines -> Recording.

``recorder.c`` describes the lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fwgen.errors import ToolError

Edge = tuple[int, int]
"""From one block to the next, by their ids."""


@dataclass(frozen=True)
class Block:
    """A translation block: instructions that QEMU executes in a row."""

    address: int
    instructions: int


@dataclass(frozen=True)
class Cut:
    """A place between two instructions of a block: before the one numbered ``index``."""

    block: int
    index: int


@dataclass(frozen=True)
class Segment:
    """A part of the window.

    ``edges`` count entries of blocks. The instructions from ``begin`` on to the end of its block
    come on top. Those from ``end`` on do not belong to the segment; ``end`` is None after a whole
    block. ``pages`` map addresses of 4 KiB pages to bytes (loaded, stored). ``ended_at`` is the
    address of the mark. ``refills`` are lines that caches had to bring, by cache and range of it.
    """

    begin: Cut
    end: Cut | None
    ended_at: int
    edges: dict[Edge, int]
    pages: dict[int, tuple[int, int]]
    refills: dict[tuple[int, int], int]


@dataclass(frozen=True)
class Recording:
    """One window; ``closed_by`` is "return", "stop" or "exit"."""

    blocks: dict[int, Block]
    segments: tuple[Segment, ...]
    closed_by: str


def has_begun(path: Path) -> bool:
    """Whether the window has opened."""
    return path.is_file() and path.stat().st_size > 0


def is_complete(path: Path) -> bool:
    """Whether the window has closed."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 16))
            last = file.read().splitlines()[-1:]
    except OSError:
        return False
    return bool(last) and last[0].startswith(b"end ")


def read_record(path: Path) -> Recording:
    """A complete record. Raises ToolError if it cannot be read."""
    blocks: dict[int, Block] = {}
    segments: list[Segment] = []
    try:
        with path.open(encoding="ascii") as file:
            for line in file:
                match line.split():
                    case ["block", number, address, instructions]:
                        blocks[int(number)] = Block(int(address, 16), int(instructions))
                    case ["segment", *cuts, address]:
                        segments.append(_segment([int(word) for word in cuts], int(address, 16)))
                    case ["edge", before, after, count]:
                        segments[-1].edges[int(before), int(after)] = int(count)
                    case ["page", address, loaded, stored]:
                        segments[-1].pages[int(address, 16)] = (int(loaded), int(stored))
                    case ["refill", number, place, count]:
                        segments[-1].refills[int(number), int(place)] = int(count)
                    case ["end", cause]:
                        return Recording(blocks, tuple(segments), cause)
                    case _:
                        raise ValueError(f"line {line[:80]!r}")
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise ToolError(f"The record of the run is damaged: {error}.", at=str(path)) from None
    raise ToolError("The record of the run is not complete.", at=str(path))


def _segment(cuts: list[int], ended_at: int) -> Segment:
    begin_block, begin, end_block, end = cuts
    last = None if end_block < 0 else Cut(end_block, end)
    return Segment(Cut(begin_block, begin), last, ended_at, {}, {}, {})
