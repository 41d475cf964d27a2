"""Rows one by one, by blocks of 8 channels, for Armv7-M without the DSP extension.

In FULLY_CONNECTED and in convolutions of few pixels: ``v7m_single.h`` describes the layout.
"""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref
from fwgen.contract.kernel import ARMV7M, Form, Kernel, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import OF_V7M
from fwgen.kernels.matrix import byte_weights
from fwgen.kernels.matrix.byte_weights import BLOCK, is_uniform, pack_rows
from fwgen.kernels.matrix.few_rows import MOST_ROWS, SCALE_WORDS, rows_of
from fwgen.kernels.matrix.products import Pixels
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import distance
from fwgen.ops.parts.weights import TYPES

FUNCTION, KERNEL = "matrix_row_s8_v7m", "matrix_single_s8_v7m"

_INPUT, _BLOCK, _ROW = 25.7, 170.0, 60.0
"""Estimated cycles of an input of a block, of a block and of a row beside that."""


def holds(node: Node) -> bool:
    """Whether there are few rows, and sums and scales are as the kernel wants."""
    rows = rows_of(node)
    return rows is not None and rows.count <= MOST_ROWS and byte_weights.holds(node)


def forms(node: Node) -> tuple[Form, ...]:
    """The only form of an op that the row holds for."""
    rows, clamp = rows_of(node), clamp_of(node)
    assert rows is not None, "the row holds"
    channels = node.w.shape[0]
    depth, blocks = node.w.elements // channels, -(-channels // BLOCK)
    uniform = is_uniform(node)
    params = Params(
        "fw_matrix_row_v7m_params",
        (
            ("count", rows.count),
            ("depth", depth),
            ("channels", channels),
            ("input_pitch", rows.input_pitch),
            ("scale_bytes", 0 if uniform else 4 * SCALE_WORDS),
            ("scale_words", SCALE_WORDS * (1 if uniform else BLOCK * blocks)),
            ("block_words", BLOCK + 2 * depth),
        ),
    )
    kernel = Function(f"fw_{KERNEL}")
    args = (params, Ref(node.x.index), pack_rows(node), kernel, Ref(node.y.index))
    each = blocks * (_INPUT * depth + _BLOCK) + _ROW
    form = Form(
        calls=(Call(f"fw_{FUNCTION}", args), *OF_V7M.calls(node, clamp)),
        cycles=rows.count * each + OF_V7M.cycles(node, clamp),
        overlap=_overlap(rows, channels),
    )
    return (form,)


def _overlap(rows: Pixels, channels: int) -> OverlapLimit:
    """A row is read whole for each block, before the block's outputs are written."""
    ends = np.minimum(np.arange(BLOCK, channels + BLOCK, BLOCK), channels)
    row = np.arange(rows.count)
    reads = np.repeat(row * rows.input_pitch, ends.size)
    return OverlapLimit((distance(reads, (row[:, None] * channels + ends).reshape(-1)),))


KERNELS = tuple(
    Kernel(
        op,
        FUNCTION,
        "fwgen",
        forms,
        ARMV7M,
        holds,
        lacks=frozenset({"dsp"}),
        functions=(FUNCTION, KERNEL, OF_V7M.function),
        types=TYPES,
    )
    for op in ("CONV_2D", "FULLY_CONNECTED")
)
