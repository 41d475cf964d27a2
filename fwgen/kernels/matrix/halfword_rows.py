"""Rows of CONV_2D and FULLY_CONNECTED of int16 for cores with the DSP extension."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from fwgen.contract.call import Call, Params, Ref, Scratch
from fwgen.contract.kernel import DSP, DUAL_ISSUE, Form, Kernel, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.dsp.halfword_clamp import CLAMP_S16
from fwgen.kernels.matrix import few_rows, halfword_columns, strips
from fwgen.kernels.matrix.halfword_columns import HalfwordCosts, kernel_names, kernel_of
from fwgen.kernels.matrix.halfword_weights import BLOCK, pack_blocks, parameters, words_of
from fwgen.kernels.matrix.packing_s16 import is_narrow
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.one_channel import for_one_channel
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import FAR, distance
from fwgen.ops.parts.weights import S16_NARROW, S16_WIDE, is_grouped

C = TypeVar("C")

ROW = "matrix_row_s16_dsp"

NOTHING = -FAR
"""Where a step reads that reads nothing."""


@dataclass(frozen=True)
class RowCosts:
    """Estimated cycles of the kernels for a row, by their ending.

    ``word`` is what 2 inputs take with a block of 8 channels, ``block`` what these take beside, and
    ``narrow`` what the rule of 32 bits adds. ``turn`` is beside the words of a turn of the loop of
    8, ``single`` of one of a single word.
    """

    suffix: str
    word: float
    block: float
    narrow: float
    turn: float
    single: float

    def cost(self, count: int, depth: int, channels: int, narrow: bool) -> float:
        """Estimated cycles of ``count`` rows."""
        words = words_of(depth)
        turns, rest = divmod(words, 8)
        block = self.word * words + turns * self.turn + rest * self.single + self.block
        block += self.narrow if narrow else 0.0
        left = channels % BLOCK
        beside = 30.0 + (40.0 + 5.0 * left if left else 0.0)
        return count * (-(-channels // BLOCK) * block + beside) + 30.0


SINGLE_ORDER = RowCosts("dsp", 21.0, 60.0, 45.0, 5.0, 6.0)
DUAL_ORDER = RowCosts("dual", 11.0, 45.0, 30.0, 4.0, 6.0)


def _pixels(node: Node, costs: HalfwordCosts) -> tuple[Form, ...]:
    pixels = strips.contiguous(node)
    assert pixels is not None, "the row holds"
    return halfword_columns.forms_of_pixels(node, pixels, costs)


def _dense(node: Node, costs: HalfwordCosts) -> tuple[Form, ...]:
    depth = node.w.shape[1]
    pixels = Pixels(node.x.elements // depth, depth, node.w.shape[0])
    return halfword_columns.forms_of_pixels(node, pixels, costs)


def _holds(node: Node) -> bool:
    return parameters(node) is not None


def _holds_windows(node: Node) -> bool:
    return not is_grouped(node) and _holds(node)


def _holds_pixels(node: Node) -> bool:
    return strips.contiguous(node) is not None and _holds_windows(node)


def _holds_few(node: Node) -> bool:
    rows = few_rows.rows_of(node)
    return rows is not None and rows.count <= few_rows.MOST_ROWS and _holds(node)


def _few(node: Node, costs: RowCosts) -> tuple[Form, ...]:
    rows, clamp = few_rows.rows_of(node), clamp_of(node)
    assert rows is not None, "the row holds"
    channels = node.w.shape[0]
    depth, packed = node.w.elements // channels, pack_blocks(node)
    params = Params(
        f"fw_{ROW}_params",
        (
            ("count", rows.count),
            ("channels", channels),
            ("input_pitch", rows.input_pitch),
            ("words", words_of(depth)),
            ("block_words", packed.data.shape[1]),
        ),
    )
    kernel = kernel_of("single", node, costs.suffix)
    args = (params, Ref(node.x.index), packed, kernel, Scratch(), Ref(node.y.index))
    cycles = costs.cost(rows.count, depth, channels, is_narrow(node))
    form = Form(
        calls=(Call(f"fw_{ROW}", args), *CLAMP_S16.calls(node, clamp)),
        cycles=cycles + CLAMP_S16.cycles(node, clamp),
        scratch_bytes=2 * BLOCK,
        overlap=_overlap(rows, channels),
        reads_past_bytes=depth % 2 * 2,
    )
    return (form,)


def _overlap(rows: Pixels, channels: int) -> OverlapLimit:
    """A row is read for each block; of a last one that is not whole, outputs are written last."""
    whole, left = divmod(channels, BLOCK)
    steps: list[tuple[int, int]] = []
    for row in range(rows.count):
        read, written = row * rows.input_pitch, row * channels
        steps += [(read, written + BLOCK * (block + 1)) for block in range(whole)]
        if left:
            steps.append((NOTHING if whole else read, written + channels))
    reads, writes = np.array(steps, dtype=np.int64).T
    return OverlapLimit((distance(2 * reads, 2 * writes),))


def _row(
    op: str,
    name: str,
    forms: Callable[[Node], tuple[Form, ...]],
    holds: Callable[[Node], bool],
    kernels: tuple[str, ...],
) -> Kernel:
    """A row of a driver, for the cores that ``kernels`` are for."""
    dual = kernels[0].endswith("_dual")
    return Kernel(
        op,
        f"{name}_dual" if dual else name,
        "fwgen",
        forms,
        DSP | DUAL_ISSUE if dual else DSP,
        holds,
        lacks=frozenset() if dual else DUAL_ISSUE,
        functions=(name, *kernels, CLAMP_S16.function),
        types=(S16_WIDE, S16_NARROW),
    )


def _with(
    made: Callable[[Node, C], tuple[Form, ...]], costs: C
) -> Callable[[Node], tuple[Form, ...]]:
    return lambda node: made(node, costs)


def _of_columns(
    op: str,
    name: str,
    made: Callable[[Node, HalfwordCosts], tuple[Form, ...]],
    holds: Callable[[Node], bool],
) -> tuple[Kernel, ...]:
    return tuple(
        _row(op, name, _with(made, costs), holds, kernel_names("columns", costs.suffix))
        for costs in (halfword_columns.SINGLE_ISSUE, halfword_columns.DUAL_ISSUE)
    )


_CONVOLUTIONS = _of_columns(
    "CONV_2D", "conv_2d_s16_dsp", halfword_columns.forms_of_windows, _holds_windows
)

KERNELS = (
    *_CONVOLUTIONS,
    *_of_columns("CONV_2D", "matrix_pixels_s16_dsp", _pixels, _holds_pixels),
    *_of_columns("FULLY_CONNECTED", "matrix_pixels_s16_dsp", _dense, _holds),
    *(
        _row(op, ROW, _with(_few, costs), _holds_few, kernel_names("single", costs.suffix))
        for op in ("CONV_2D", "FULLY_CONNECTED")
        for costs in (SINGLE_ORDER, DUAL_ORDER)
    ),
    *for_one_channel(_CONVOLUTIONS),
)
