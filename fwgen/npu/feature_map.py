"""Feature maps in memory: NHWC or NHCWB16, in up to four tiles, of 8, 16 or 32 bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.npu.arithmetic import Ints
from fwgen.npu.commands import Long, Registers, Short

Memory = Mapping[int, npt.NDArray[np.uint8]]
"""By region its bytes; addresses of the stream are offsets in it."""

BRICK = 16
"""Channels side by side in NHCWB16."""


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

    def addresses(self) -> Ints:
        """(h, w, c): the offset in the region of each element."""
        height, width, channels = self.shape
        stride_y, stride_x, stride_c = self.strides
        y = np.arange(height, dtype=np.int64)[:, None]
        x = np.arange(width, dtype=np.int64)[None, :]
        right = x >= self.width
        tall = np.where(right, self.heights[1], self.heights[0])
        below = y >= tall
        tile = right + 2 * below
        base = np.asarray(self.bases, np.int64)[tile]
        pixel = base + (y - below * tall) * stride_y + (x - right * self.width) * stride_x
        c = np.arange(channels, dtype=np.int64)
        if self.bricks:
            channel = c // BRICK * stride_c + c % BRICK * self.element_bytes
        else:
            channel = c * self.element_bytes
        found: Ints = pixel[:, :, None] + channel
        return found

    def read(self, memory: Memory) -> Ints:
        """(h, w, c): its elements."""
        data, at = self._region(memory)
        value = np.zeros(self.shape, np.int64)
        for byte in range(self.element_bytes):
            value |= data[at + byte].astype(np.int64) << 8 * byte
        if self.signed:
            bits = 8 * self.element_bytes
            value -= (value >> bits - 1) << bits
        return value

    def write(self, memory: Memory, values: Ints) -> None:
        """Its elements, of which the lowest bits are stored."""
        data, at = self._region(memory)
        for byte in range(self.element_bytes):
            data[at + byte] = (values >> 8 * byte & 0xFF).astype(np.uint8)

    def _region(self, memory: Memory) -> tuple[npt.NDArray[np.uint8], Ints]:
        data = memory.get(self.region)
        if data is None:
            raise DeviceFault(f"{self.name} is in region {self.region}, which has no base address.")
        if prod(self.shape) * self.element_bytes > len(data) or min(self.shape) < 1:
            raise DeviceFault(
                f"{self.name} has shape {self.shape}, which region {self.region} of {len(data):,} "
                "bytes cannot hold."
            )
        at = self.addresses()
        first, last = int(at.min()), int(at.max()) + self.element_bytes
        if first < 0 or last > len(data):
            raise DeviceFault(
                f"{self.name} reaches from byte {first:,} to {last:,} of region {self.region}, "
                f"which has {len(data):,}."
            )
        return data, at


def feature_map(r: Registers, name: str, shape: tuple[int, int, int]) -> FeatureMap:
    """IFM, IFM2 or OFM as the registers describe it."""
    precision = r.short(Short[f"{name}_PRECISION"])
    size = precision >> (1 if name == "OFM" else 2) & 3
    if size == 3:
        raise DeviceFault(f"{name}_PRECISION is {precision:#06x}, which has no size of elements.")
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
            r.address(Long[f"{name}_STRIDE_Y"]),
            r.address(Long[f"{name}_STRIDE_X"]),
            r.address(Long[f"{name}_STRIDE_C"]),
        ),
    )


def zero_point(r: Registers, name: str, signed: bool) -> int:
    """That of IFM, IFM2 or OFM."""
    register = Short[f"{name}_ZERO_POINT"]
    return r.signed(register) if signed else r.short(register)
