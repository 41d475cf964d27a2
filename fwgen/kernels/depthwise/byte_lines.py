"""Lines of outputs that depthwise kernels of Armv7-M go through: ``v7m_depthwise.h``."""

from __future__ import annotations

import numpy as np

from fwgen.kernels.depthwise.halfword_lines import LANES, LINES, LinesPlan
from fwgen.kernels.depthwise.halfword_records import Int64Array, Words, halfwords

FIVES = "depthwise_by_fives"
"""Kernels for windows side by side, of which five weights are unrolled, less their endings."""

TURNS = {2: 28.0, 5: 58.0}
"""Estimated cycles of so many weights of windows side by side, for four outputs."""


class BytesPlan(LinesPlan):
    """As its base, with a byte of the planes for each input of a channel."""

    INPUT = LANES * LINES
    LINE = 1
    WIDENING = 0.0

    @property
    def stride(self) -> int:
        return self.window.stride[self.along]

    @property
    def kernel(self) -> str:
        return FIVES if self.dense and self.together == 5 else super().kernel

    @property
    def together(self) -> int:
        """Weights of windows side by side that a kernel unrolls: what takes the fewest cycles."""
        span = self.window.span[self.along]
        return min(TURNS, key=lambda some: -(-span // some) * TURNS[some])

    @property
    def words(self) -> int:
        """Weights of a line of a window, whole turns of those that are side by side."""
        return self.turns * self.together if self.dense else self.turns

    @property
    def turns(self) -> int:
        span = self.window.span[self.along]
        return -(-span // self.together) if self.dense else span

    @property
    def line_span(self) -> int:
        return self.words * self.INPUT

    @property
    def second(self) -> int:
        return self.stride * self.INPUT

    @property
    def scratch_bytes(self) -> int:
        if self.square:
            read = (2 * self.all_pairs - 1) * self.stride + 3
        else:
            read = (4 * self.groups - 1) * self.stride + self.words
        return self.INPUT * max(self.span(self.along), read)

    @property
    def all_pairs(self) -> int:
        """Pairs of outputs of a line, those of fours included."""
        return -(-self.count // 2)

    def weights(self, taps: Int64Array) -> Words:
        """Halfwords of scaled weights, two in a word; ``taps`` are (channels, across, along)."""
        channels, across, along = taps.shape
        if self.square:
            placed = np.zeros((channels, 3, 3), np.int64)
            placed[:, :across, :along] = taps
        else:
            dilation = self.window.dilation[self.along]
            placed = np.zeros((channels, across, self.words), np.int64)
            placed[:, :, : (along - 1) * dilation + 1 : dilation] = taps
        return halfwords(placed.reshape(channels, -1))

    def filling(self, lines: int, length: int) -> float:
        return lines * (3.3 * LANES * length + 25.0) + 120.0

    def line_cycles(self, short: bool) -> float:
        if self.square:
            pair = (76.0 if short else 85.0) + (3.0 if self.stride == 2 else 0.0)
            return self.all_pairs * pair + 5.0 * self.pairs + 30.0
        turn = TURNS[self.together] if self.dense else 17.0
        tap_lines = self.window.kernel[1 - self.along] * (turn * self.turns + 15.0)
        return self.groups * (tap_lines + (75.0 if short else 83.0)) + 30.0
