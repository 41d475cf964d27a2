"""The prepared constants of a convolution: weights and scales, kept until their bytes in memory
change.

The memory may change from run to run (copies to a faster memory, a corrupted stream), so what is
kept is compared with the bytes that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.npu.model import npu_weights
from fwgen.npu.model.arithmetic import Factor, Ints, largest_of
from fwgen.npu.model.block_program import BlockConvolution, Span
from fwgen.npu.model.decoder import Decoder
from fwgen.npu.model.feature_map import Elements, Memory

MOST_KEPT = 1 << 26
"""Weights in their order that are kept, of all streams."""

_REPEATED = 1 << 20  # numbers that may be had by repeating a channel's along a row


@dataclass(frozen=True, eq=False)
class Constants:
    """``matrix`` is (h * w * in, out), or (h, w, n * c) for a depthwise convolution.

    ``bias`` and ``factor`` are for outputs whose channels come n times, ``repeats``, in a row.
    No sum with its bias is above ``largest``, none without it above ``products``.
    """

    matrix: Elements
    bias: Ints
    factor: Factor
    repeats: int
    products: int
    largest: int


class Loader:
    """The constants of one convolution."""

    def __init__(self, block: BlockConvolution, store: Store) -> None:
        self._block = block
        self._store = store
        self._seen: list[npt.NDArray[np.uint8]] = []
        self._constants: Constants | None = None

    def load(self, memory: Memory) -> Constants:
        """The block's constants as they are in memory now.

        Raises DeviceFault if the memory holds no such constants.
        """
        block = self._block
        data = [bytes_of(span, memory) for span in (*block.weights, *block.scales)]
        known = self._constants is not None and all(map(np.array_equal, data, self._seen))
        if self._constants is None or not known:
            self._constants = None
            self._seen = [part.copy() for part in data]
            self._constants = self._made(data[: len(block.weights)], data[len(block.weights) :])
        return self._constants

    def _made(
        self,
        streams: Sequence[npt.NDArray[np.uint8]],
        scales: Sequence[npt.NDArray[np.uint8]],
    ) -> Constants:
        block, cores = self._block, len(self._block.orders)
        _, width, channels = block.finish.map.shape
        w = np.zeros((channels, *block.orders[0].shape[1:]), np.int64)
        bias, scale, shift = (np.zeros(channels, np.int64) for _ in range(3))
        for core, order in enumerate(block.orders):
            w[core::cores] = self._store.weights(streams[core].tobytes(), order)
            found = npu_weights.records(scales[core], order.shape[0])
            bias[core::cores], scale[core::cores], shift[core::cores] = found
        low, high = block.input.map.limits
        zero = block.input.zero_point
        products = max(high - zero, zero - low) * int(np.abs(w).sum(axis=(1, 2, 3)).max())
        if products >= 1 << 53:
            raise DeviceFault("The NPU model has no more than 53 bits for a sum of products.")
        dtype = np.float32 if products < 1 << 24 else np.float64
        taps = w.shape[1] * w.shape[2] if block.depthwise else 1
        repeats = width if width * channels * taps <= _REPEATED else 1
        if block.depthwise:
            matrix = np.tile(w[:, :, :, 0].transpose(1, 2, 0).astype(dtype), (1, 1, repeats))
        else:
            matrix = np.ascontiguousarray(w.reshape(channels, -1).T, dtype)
        if block.finish.scale is not None:
            factor = Factor(*block.finish.scale, block.finish.rounding)
        else:
            many = np.tile(scale, repeats), np.tile(shift, repeats)
            factor = Factor(*many, block.finish.rounding)
        largest = products + largest_of(bias)
        return Constants(matrix, np.tile(bias, repeats), factor, repeats, products, largest)


class Store:
    """Weights that have been decoded, by their stream and order."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._kept: dict[tuple[bytes, npu_weights.Order], Ints] = {}
        self._count = 0

    def close(self) -> None:
        """End the decoder's process."""
        self._decoder.close()

    def weights(self, stream: bytes, order: npu_weights.Order) -> Ints:
        """Those of a stream (out, h, w, in). Raises DeviceFault if it is corrupted."""
        found = self._kept.get((stream, order))
        if found is None:
            found = npu_weights.ordered(self._decoder.decode(stream), order)
            if self._count + found.size > MOST_KEPT:
                self._kept.clear()
                self._count = 0
            self._kept[stream, order] = found
            self._count += found.size
        return found


def bytes_of(span: Span, memory: Memory) -> npt.NDArray[np.uint8]:
    """A view of the memory. Raises DeviceFault if the span is not in its region."""
    data = memory.get(span.region)
    if data is None:
        raise DeviceFault(f"{span.name}: region {span.region} has no base address.")
    if span.end > len(data):
        raise DeviceFault(
            f"{span.name}: byte {span.start:,} to {span.end:,} of region {span.region}, which has "
            f"{len(data):,}."
        )
    return data[span.start : span.end]
