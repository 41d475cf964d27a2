"""Columns of int16 on cores with the DSP extension, 2 inputs of 4 pixels: ``dsp_matrix_s16.h``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, Form, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.dsp.halfword_clamp import CLAMP_S16, is_relu
from fwgen.kernels.matrix import strips
from fwgen.kernels.matrix.columns import MOST_PIXELS, PIXELS
from fwgen.kernels.matrix.halfword_weights import pack_pairs, words_of
from fwgen.kernels.matrix.packing_s16 import is_narrow
from fwgen.kernels.matrix.products import Pixels
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import distance, window_starts
from fwgen.ops.parts.windows import window_fields

COLUMN_BYTES = 16
"""2 inputs of each of 4 pixels."""

UNROLLED = 16
"""Columns of a turn of the kernels' loop."""


@dataclass(frozen=True)
class HalfwordCosts:
    """Estimated cycles of the parts of a kernel for 4 pixels, and of its driver.

    ``step`` is what a column takes with 2 channels, ``pair`` what these take beside. ``narrow`` is
    what the rule of 32 bits adds. ``turn`` is beside the columns of a turn of the loop, ``single``
    of a turn of one column. ``put`` is what a word takes to get into a column.
    """

    suffix: str
    step: float
    pair: float
    narrow: float
    turn: float
    single: float
    put: float

    def cost(self, count: int, depth: int, channels: int, narrow: bool) -> float:
        """Estimated cycles of ``count`` pixels, put into columns and multiplied."""
        columns, groups = words_of(depth), -(-count // PIXELS)
        turns, rest = divmod(columns, UNROLLED)
        pair = self.step * columns + self.pair + (self.narrow if narrow else 0.0)
        pair += turns * self.turn + rest * self.single
        left = 6.0 * (count % PIXELS) * channels
        return (
            groups * (-(-channels // 2) * pair + 90.0) + count * (self.put * columns + 20.0) + left
        )


SINGLE_ISSUE = HalfwordCosts("dsp", 15.0, 60.0, 45.0, 5.0, 6.0, 4.5)
DUAL_ISSUE = HalfwordCosts("dual", 8.5, 45.0, 30.0, 4.0, 8.0, 3.5)


def kernel_of(kind: str, node: Node, suffix: str) -> Function:
    """The kernel for the rule of sums and the activation."""
    relu = "_relu" if is_relu(clamp_of(node)) else ""
    narrow = "_s32" if is_narrow(node) else ""
    return Function(f"fw_matrix_{kind}{relu}_s16{narrow}_{suffix}")


def kernel_names(kind: str, suffix: str) -> tuple[str, ...]:
    """All that ``kernel_of`` may name, less ``fw_``."""
    return tuple(
        f"matrix_{kind}{relu}_s16{narrow}_{suffix}"
        for relu in ("", "_relu")
        for narrow in ("", "_s32")
    )


@dataclass(frozen=True)
class HalfwordColumns:
    """The product of an op: ``pixels`` of ``depth`` inputs each, with ``channels`` outputs."""

    node: Node
    costs: HalfwordCosts

    @property
    def depth(self) -> int:
        return self.node.w.elements // self.node.w.shape[0]

    @property
    def channels(self) -> int:
        return self.node.w.shape[0]

    @property
    def count(self) -> int:
        """Pixels of all rows and images."""
        return self.node.y.elements // self.channels

    def fields(self, input_pitch: int) -> tuple[tuple[str, int], ...]:
        """The members of ``fw_matrix_pixels_s16_params``."""
        return (
            ("count", self.count),
            ("depth", self.depth),
            ("channels", self.channels),
            ("input_pitch", input_pitch),
        )

    def overlap(self, starts: np.ndarray | None) -> OverlapLimit:
        """4 pixels are read whole before any is written; ``starts`` is where each begins.

        A pair of channels that reaches beyond a pixel is written there, but for the last pixels.
        """
        if starts is None:
            return APART
        firsts = np.arange(0, self.count, PIXELS)
        reads = np.minimum.reduceat(starts, firsts)
        ends = np.minimum(firsts + PIXELS, self.count) * self.channels
        return OverlapLimit((distance(2 * reads, 2 * (ends + self.channels % 2)),))

    def form(
        self, function: str, params: Params, starts: np.ndarray | None, window: tuple[int, float]
    ) -> Form:
        """``window`` are bytes of scratch, and estimated cycles, for windows that are gathered."""
        node, clamp = self.node, clamp_of(self.node)
        kernel = kernel_of("columns", node, self.costs.suffix)
        args = (params, Ref(node.x.index), pack_pairs(node), kernel, Scratch(), Ref(node.y.index))
        spare = (4 * self.channels + 1 + 1) // 2 * 4
        made = self.costs.cost(self.count, self.depth, self.channels, is_narrow(node))
        return Form(
            calls=(Call(f"fw_{function}_s16_dsp", args), *CLAMP_S16.calls(node, clamp)),
            cycles=made + window[1] + CLAMP_S16.cycles(node, clamp),
            scratch_bytes=COLUMN_BYTES * words_of(self.depth) + spare + window[0],
            overlap=self.overlap(starts),
            reads=Reads(-(-self.count // PIXELS)),
        )


def forms_of_pixels(node: Node, pixels: Pixels, costs: HalfwordCosts) -> tuple[Form, ...]:
    """Pixels that are contiguous in the input."""
    made = HalfwordColumns(node, costs)
    params = Params("fw_matrix_pixels_s16_params", made.fields(pixels.input_pitch))
    starts = None
    if made.count <= MOST_PIXELS:
        starts = np.arange(made.count, dtype=np.int64) * pixels.input_pitch
    return (made.form("matrix_pixels", params, starts, (0, 0.0)),)


def forms_of_windows(node: Node, costs: HalfwordCosts) -> tuple[Form, ...]:
    """Windows of any kind."""
    made = HalfwordColumns(node, costs)
    x, y, conv = node.x, node.y, strips.convolution_of(node)
    windows = {
        **dict(window_fields(x, y, conv.kernel, node.options)),
        "dilation_h": conv.dilation[0],
        "dilation_w": conv.dilation[1],
        "input_zero_point": 0,
        "input_c": 2 * conv.depth,
        "output_c": 2 * conv.channels,
    }
    params = Params(
        "fw_conv_2d_s16_dsp_params",
        (
            *((f"windows.{name}", value) for name, value in windows.items()),
            *((f"matrix.{name}", value) for name, value in made.fields(0)),
        ),
    )
    axes, starts = window_starts(x, conv.kernel, node.options), None
    if axes is not None and made.count <= MOST_PIXELS and conv.batches <= 4:
        image, row, column = axes
        starts = (image[:, None, None] + row[:, None] + column).reshape(-1)
    gathered = (conv.depth if conv.dilation[1] > 1 else conv.line) % 2 > 0
    finding = made.count * (40.0 * (conv.kernel[0] + 1) + (4.0 * made.depth if gathered else 0.0))
    return (made.form("conv_2d", params, starts, (4 * words_of(made.depth), finding)),)
