"""Rows, widened one by one in scratch, for cores with the DSP extension.

The kernels multiply a row by blocks of 8 channels, in FULLY_CONNECTED and in convolutions of few
pixels. ``dsp_single.h`` describes the layout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref, Scratch
from fwgen.contract.kernel import DSP, DUAL_ISSUE, Form, Kernel, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import OF_DSP
from fwgen.kernels.matrix import nibble_pairs, paired_bytes, strips
from fwgen.kernels.matrix.paired_bytes import BLOCK, steps_of
from fwgen.kernels.matrix.products import Pixels
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import distance
from fwgen.ops.parts.weights import TYPES, is_grouped

FUNCTION = "matrix_row_s8_dsp"

MOST_ROWS = 16
"""Rows up to which these kernels are looked at: of more, 4 at a time are faster."""

SCALE_WORDS = 3
"""Multiplier, addend and shift."""


@dataclass(frozen=True)
class RowKernels:
    """The kernels for a kind of core, by their ending, and estimated cycles of their parts.

    ``step`` is what 4 inputs take with a block of 8 channels. ``block`` is what these take beside,
    with one scale for all channels; ``scales`` is what a scale for each adds. ``turn`` is beside
    the steps of a turn of the loop of 4, ``single`` of one of a single step. ``widen`` is what 4
    inputs take to be widened. ``nibbles`` are kernels for weights of 4 bits, two to a byte.
    """

    suffix: str
    step: float
    block: float
    scales: float
    turn: float
    single: float
    widen: float
    nibbles: bool = False

    @property
    def ending(self) -> str:
        """Of the names of rows."""
        return ("_dual" if self.suffix == "dual" else "") + ("_nibbles" if self.nibbles else "")

    def names(self) -> tuple[str, ...]:
        """Both kernels."""
        ending = f"{'_nibbles' if self.nibbles else ''}_s8_{self.suffix}"
        return f"matrix_single{ending}", f"matrix_single_uniform{ending}"

    def cost(self, count: int, depth: int, channels: int, uniform: bool) -> float:
        """Estimated cycles of ``count`` rows, widened and multiplied."""
        steps = steps_of(depth)
        turns, rest = divmod(steps, 4)
        block = self.step * steps + turns * self.turn + rest * self.single + self.block
        if not uniform:
            block += self.scales
        left = channels % BLOCK
        beside = 40.0 + (30.0 + 5.0 * left if left else 0.0)
        return count * (-(-channels // BLOCK) * block + steps * self.widen + beside) + 60.0


SINGLE_ORDER = RowKernels("dsp", 34.0, 80.0, 24.0, 5.0, 5.0, 12.0)
DUAL_ORDER = RowKernels("dual", 18.0, 55.0, 20.0, 4.0, 8.0, 9.0)
NIBBLES = RowKernels("dsp", 34.0, 100.0, 24.0, 5.0, 5.0, 19.0, nibbles=True)
DUAL_NIBBLES = RowKernels("dual", 19.0, 70.0, 20.0, 4.0, 8.0, 13.0, nibbles=True)


def rows_of(node: Node) -> Pixels | None:
    """The rows of a FULLY_CONNECTED, or the pixels of a convolution if they are contiguous."""
    if node.code == "FULLY_CONNECTED":
        units, depth = node.w.shape
        return Pixels(node.x.elements // depth, depth, units)
    return None if is_grouped(node) else strips.contiguous(node)


def holds(node: Node, kernels: RowKernels) -> bool:
    """Whether there are few rows, and weights and scales are as the kernels want."""
    rows, packing = rows_of(node), nibble_pairs if kernels.nibbles else paired_bytes
    return rows is not None and rows.count <= MOST_ROWS and packing.holds(node)


def forms(node: Node, kernels: RowKernels) -> tuple[Form, ...]:
    """The only form of an op that the row holds for."""
    rows, clamp = rows_of(node), clamp_of(node)
    assert rows is not None, "the row holds"
    channels = node.w.shape[0]
    packing = nibble_pairs if kernels.nibbles else paired_bytes
    depth, uniform = node.w.elements // channels, packing.is_uniform(node)
    steps = steps_of(depth)
    pairs = 2 if kernels.nibbles else 1
    params = Params(
        "fw_matrix_row_dsp_params",
        (
            ("count", rows.count),
            ("depth", depth),
            ("channels", channels),
            ("input_pitch", rows.input_pitch),
            ("steps", steps),
            ("scale_words", SCALE_WORDS if uniform else 0),
            ("block_words", BLOCK * (1 + (0 if uniform else SCALE_WORDS)) + BLOCK // pairs * steps),
        ),
    )
    kernel = Function(f"fw_{kernels.names()[uniform]}")
    args = (
        params,
        Ref(node.x.index),
        packing.pack_rows(node),
        kernel,
        Scratch(),
        Ref(node.y.index),
    )
    cycles = kernels.cost(rows.count, depth, channels, uniform) + OF_DSP.cycles(node, clamp)
    form = Form(
        calls=(Call(f"fw_{FUNCTION}", args), *OF_DSP.calls(node, clamp)),
        cycles=cycles,
        scratch_bytes=8 * steps + BLOCK,
        overlap=_overlap(rows, channels),
    )
    return (form,)


def _overlap(rows: Pixels, channels: int) -> OverlapLimit:
    """A row is read whole before its outputs are written."""
    each = np.arange(rows.count)
    return OverlapLimit((distance(each * rows.input_pitch, (each + 1) * channels),))


def _row(op: str, kernels: RowKernels) -> Kernel:
    dual = kernels.suffix == "dual"
    return Kernel(
        op,
        f"{FUNCTION}{kernels.ending}",
        "fwgen",
        lambda node: forms(node, kernels),
        DSP | DUAL_ISSUE if dual else DSP,
        lambda node: holds(node, kernels),
        lacks=frozenset() if dual else DUAL_ISSUE,
        functions=(FUNCTION, *kernels.names(), OF_DSP.function),
        types=TYPES,
    )


KERNELS = tuple(
    _row(op, kernels)
    for op in ("CONV_2D", "FULLY_CONNECTED")
    for kernels in (SINGLE_ORDER, DUAL_ORDER, NIBBLES, DUAL_NIBBLES)
)
