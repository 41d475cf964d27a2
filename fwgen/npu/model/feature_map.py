"""Feature maps in memory: NHWC or NHCWB16, in up to four tiles, of 8, 16 or 32 bits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.npu.model.stream_commands import Long, Registers, Short

Memory = Mapping[int, npt.NDArray[np.uint8]]
"""By region its bytes; addresses of the stream are offsets in it."""

BRICK = 16
"""Channels side by side in NHCWB16."""

MOST_ELEMENTS = 1 << 26
"""Of a feature map, or of the weights of an operation."""

Elements = npt.NDArray[Any]


@dataclass(frozen=True)
class Piece:
    """Rows and columns from ``row`` and ``column`` on, the first of them at byte ``base``."""

    row: int
    rows: int
    column: int
    columns: int
    base: int


@dataclass(frozen=True)
class FeatureMap:
    """Where a tensor is: ``shape`` (h, w, c) in elements, addresses and strides in bytes.

    Tile 0 has ``heights[0]`` rows and ``width`` columns; right of it is tile 1 with ``heights[1]``
    rows, below it tile 2, and below tile 1 tile 3.
    """

    name: str
    region: int
    shape: tuple[int, int, int]
    element_bytes: int
    signed: bool
    bricks: bool
    bases: tuple[int, int, int, int]
    width: int
    heights: tuple[int, int]
    strides: tuple[int, int, int]

    def __post_init__(self) -> None:
        if min(self.shape) < 1 or prod(self.shape) > MOST_ELEMENTS:
            raise DeviceFault(
                f"{self.name} has shape {self.shape}, expected 1 to {MOST_ELEMENTS:,} elements."
            )

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Of an element, little-endian."""
        return np.dtype(f"<{'i' if self.signed else 'u'}{self.element_bytes}")

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest number that an element can hold."""
        bits = 8 * self.element_bytes
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.signed else (0, (1 << bits) - 1)

    @property
    def start(self) -> int:
        """Its first byte; below 0 where steps backwards leave the region."""
        return self._bounds[0]

    @property
    def end(self) -> int:
        """One past its last byte."""
        return self._bounds[1]

    @cached_property
    def _bounds(self) -> tuple[int, int]:
        stride_y, stride_x, stride_c = self.strides
        depth, size = self.shape[2], self.element_bytes
        inside = [(0, depth * size)]
        if self.bricks:
            full, rest = divmod(depth, BRICK)
            inside = [(k * stride_c, BRICK * size) for k in ((0, full - 1) if full else ())]
            inside += [(full * stride_c, rest * size)] if rest else []
        first, last = [], []
        for piece in self.pieces:
            for y in (0, (piece.rows - 1) * stride_y):
                for x in (0, (piece.columns - 1) * stride_x):
                    for c, length in inside:
                        first.append(piece.base + y + x + c)
                        last.append(piece.base + y + x + c + length)
        return min(first), max(last)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The parts of the feature map that lie in one tile each."""
        height, width, _ = self.shape
        left = min(self.width, width)
        found = []
        for column, columns, tall, bases in (
            (0, left, self.heights[0], self.bases[0::2]),
            (left, width - left, self.heights[1], self.bases[1::2]),
        ):
            top = min(tall, height)
            for row, rows, base in ((0, top, bases[0]), (top, height - top, bases[1])):
                if rows and columns:
                    found.append(Piece(row, rows, column, columns, base))
        return tuple(found)

    def read(self, memory: Memory) -> Elements:
        """(h, w, c): its elements in their own type; where possible a view of the memory."""
        data = self._region(memory)
        if not self.bricks and len(self.pieces) == 1:
            return self._view(data, self.pieces[0].base, self.shape, self.strides[:2])
        values = np.empty(self.shape, self.dtype)
        for mine, place in self._views(data, values):
            mine[...] = place
        return values

    def write(self, memory: Memory, values: Elements) -> None:
        """Its elements, of which the lowest bits are stored; ``values`` is no view of it."""
        for mine, place in self._views(self._region(memory), values):
            place[...] = mine

    def bytes_of(self, data: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.uint8]]:
        """Views that have each of its bytes in ``data``, which reaches to ``end``."""
        blank = np.broadcast_to(np.zeros(1, self.dtype), self.shape)
        for _, place in self._views(data, blank):
            yield place.view(np.uint8)

    def _views(
        self, data: npt.NDArray[np.uint8], values: Elements
    ) -> Iterator[tuple[Elements, Elements]]:
        """Parts of ``values`` (h, w, c), each with the memory of the same shape."""
        stride_y, stride_x, stride_c = self.strides
        full = self.shape[2] // BRICK if self.bricks else 0
        rest = self.shape[2] - full * BRICK
        for piece in self.pieces:
            part = values[
                piece.row : piece.row + piece.rows, piece.column : piece.column + piece.columns
            ]
            size = piece.rows, piece.columns
            if full:
                place = self._view(
                    data, piece.base, (*size, full, BRICK), (stride_y, stride_x, stride_c)
                )
                yield part[:, :, : full * BRICK].reshape(place.shape), place
            if rest:
                base = piece.base + full * stride_c
                place = self._view(data, base, (*size, rest), (stride_y, stride_x))
                yield part[:, :, full * BRICK :], place

    def _view(
        self,
        data: npt.NDArray[np.uint8],
        base: int,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
    ) -> Elements:
        """Of ``shape`` from byte ``base`` on, the last axis without gaps."""
        # along an axis of one element any stride will do, and NumPy's have 64 bits
        steps = (step if n > 1 else 0 for step, n in zip(strides, shape, strict=False))
        return np.ndarray(shape, self.dtype, data, base, (*steps, self.element_bytes))

    def _region(self, memory: Memory) -> npt.NDArray[np.uint8]:
        data = memory.get(self.region)
        if data is None:
            raise DeviceFault(f"{self.name} is in region {self.region}, which has no base address.")
        if prod(self.shape) * self.element_bytes > len(data):
            raise DeviceFault(
                f"{self.name} has shape {self.shape}, which region {self.region} of {len(data):,} "
                "bytes cannot hold."
            )
        if self.start < 0 or self.end > len(data):
            raise DeviceFault(
                f"{self.name} reaches from byte {self.start:,} to {self.end:,} of region "
                f"{self.region}, which has {len(data):,}."
            )
        return data


def feature_map(r: Registers, name: str, shape: tuple[int, int, int]) -> FeatureMap:
    """IFM, IFM2 or OFM as the registers describe it."""
    precision = r.short(Short[f"{name}_PRECISION"])
    size = precision >> (1 if name == "OFM" else 2) & 3
    if size == 3 or (size == 2 and not precision & 1):
        raise DeviceFault(f"{name}_PRECISION is {precision:#06x}, which is no type of elements.")
    return FeatureMap(
        name=name,
        region=r.short(Short[f"{name}_REGION"]),
        shape=shape,
        element_bytes=1 << size,
        signed=bool(precision & 1),
        bricks=bool(precision >> 6 & 3),
        bases=(
            r.address(Long[f"{name}_BASE0"]),
            r.address(Long[f"{name}_BASE1"]),
            r.address(Long[f"{name}_BASE2"]),
            r.address(Long[f"{name}_BASE3"]),
        ),
        width=r.short(Short[f"{name}_WIDTH0_M1"]) + 1,
        heights=(
            r.short(Short[f"{name}_HEIGHT0_M1"]) + 1,
            r.short(Short[f"{name}_HEIGHT1_M1"]) + 1,
        ),
        strides=(
            r.step(Long[f"{name}_STRIDE_Y"]),
            r.step(Long[f"{name}_STRIDE_X"]),
            r.step(Long[f"{name}_STRIDE_C"]),
        ),
    )


def zero_point(r: Registers, name: str, signed: bool) -> int:
    """That of IFM, IFM2 or OFM."""
    register = Short[f"{name}_ZERO_POINT"]
    return r.signed(register) if signed else r.short(register)
