"""The byte ranges of its regions that a command stream reads and writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.npu.model.block_program import (
    INTERNAL,
    Block,
    BlockConvolution,
    BlockElementwise,
    Copy,
    Input,
    Span,
    read_program,
)
from fwgen.npu.model.feature_map import FeatureMap
from fwgen.npu.payload import Payload

MOST_BYTES = 1 << 26
"""Of a region, as a mark is made for each byte."""

REGIONS = 8

Intervals = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Extents:
    """The bytes that a command stream touches: per region half-open intervals, ascending and
    apart.

    ``reads`` are bytes that the stream reads before it writes them: they must have their values
    when it begins. ``writes`` are the bytes that the stream has written when it ends.
    """

    reads: Mapping[int, Intervals]
    writes: Mapping[int, Intervals]


def extents(payload: Payload, at: str = "NPU") -> Extents:
    """What a stream reads and writes, to the byte; of regions that it does neither with, nothing.

    Raises DeviceFault, with the stream's word, for what is malformed or not modelled.
    """
    reads: dict[int, npt.NDArray[np.uint8]] = {}
    writes: dict[int, npt.NDArray[np.uint8]] = {}
    for step in read_program(payload, at):
        sources, results = _touched(step.block)
        for place in (*sources, *results):
            if place.start < 0 or place.end > MOST_BYTES or place.region >= REGIONS:
                raise DeviceFault(
                    f"{place.name} reaches from byte {place.start:,} to {place.end:,} of region "
                    f"{place.region}, expected 0 to {MOST_BYTES:,} of 0 to {REGIONS - 1}.",
                    at=step.at,
                )
            for marks in (reads, writes):
                _grow(marks, place.region, place.end)
        for place in sources:
            pairs = zip(_marks(place, reads), _marks(place, writes), strict=True)
            for read, written in pairs:
                read |= written ^ 1
        for place in results:
            for written in _marks(place, writes):
                written[...] = 1
    return Extents(reads=_intervals(reads), writes=_intervals(writes))


def _grow(marks: dict[int, npt.NDArray[np.uint8]], region: int, end: int) -> None:
    """Have marks up to ``end``; at least twice as many as before, so that it is seldom done."""
    known = marks.get(region, np.zeros(0, np.uint8))
    if end > len(known):
        marks[region] = np.zeros(max(end, 2 * len(known)), np.uint8)
        marks[region][: len(known)] = known


def _touched(block: Block) -> tuple[Sequence[FeatureMap | Span], Sequence[FeatureMap | Span]]:
    """What a block operation reads and what it writes; the shared memory is no region."""
    if isinstance(block, Copy):
        source, to = ([] if each.region & INTERNAL else [each] for each in (block.source, block.to))
        return source, to
    if isinstance(block, BlockElementwise):
        inputs = [each.map for each in (block.a, block.b) if isinstance(each, Input)]
        return inputs, [block.finish.map]
    constants = (*block.weights, *block.scales) if isinstance(block, BlockConvolution) else ()
    return [block.input.map, *constants], [block.finish.map]


def _marks(
    place: FeatureMap | Span, marks: Mapping[int, npt.NDArray[np.uint8]]
) -> Iterator[npt.NDArray[np.uint8]]:
    """Views of the marks of its bytes."""
    data = marks[place.region]
    if isinstance(place, Span):
        yield data[place.start : place.end]
    else:
        yield from place.bytes_of(data)


def _intervals(marks: Mapping[int, npt.NDArray[np.uint8]]) -> dict[int, Intervals]:
    found = {}
    for region, data in sorted(marks.items()):
        edges = np.flatnonzero(np.diff(data, prepend=0, append=0)).tolist()
        if edges:
            found[region] = tuple(zip(edges[0::2], edges[1::2], strict=True))
    return found
