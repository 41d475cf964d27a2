"""Lines of int16 that depthwise kernels of the DSP extension go through: ``dsp_depthwise.h``."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.kernels.depthwise import taps_s16
from fwgen.kernels.depthwise.halfword_lines import LANES, LinesPlan
from fwgen.kernels.depthwise.halfword_records import Words
from fwgen.kernels.dsp.halfword_clamp import is_relu
from fwgen.kernels.mve.rescaling_s16 import DSP_SHIFTS
from fwgen.ops.parts.checks import clamp_of


class HalfwordsPlan(LinesPlan):
    """As its base, for values of two bytes."""

    VALUE = 2
    WIDENING = 0.0

    def filling(self, lines: int, length: int) -> float:
        return lines * (2.3 * LANES * length + 30.0) + 150.0

    def line_cycles(self, short: bool) -> float:
        if self.square:
            four, pair = (56.0, 37.0) if self.stride == 1 else (62.0, 40.0)
            return self.count // 4 * four + self.pairs * pair + 22.0
        word = 9.5 if self.dense else 15.0
        tap_lines = self.window.kernel[1 - self.along] * (word * self.words + 14.0)
        return self.groups * (tap_lines + 52.0) + 30.0


def is_exact(node: Node) -> bool:
    """Whether one instruction rescales sums of 32 bits as the reference does those of 64."""
    return taps_s16.scaling(node, DSP_SHIFTS) is not None


def is_short(node: Node, plan: LinesPlan) -> bool:
    """Whether the kernel is one whose outputs are not negative."""
    return is_relu(clamp_of(node))


def records_of(node: Node, plan: LinesPlan) -> Words:
    """Multiplier, bias and weights, (channels, any)."""
    found = taps_s16.scaling(node, DSP_SHIFTS)
    assert found is not None, "the row holds"
    bias, multiplier = found
    taps = np.moveaxis(node.w.constant.astype(np.int64)[0], 2, 0)
    weights = plan.weights(taps.swapaxes(1, 2) if plan.upright else taps)
    head = np.stack([multiplier, bias], axis=1).astype(np.int32)
    words: Words = np.concatenate([head, weights], axis=1)
    return words
