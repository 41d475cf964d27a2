"""Tiles of 2x2 outputs of a 3x3 convolution, 4 at a time: ``dsp_winograd.h``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref, Scratch
from fwgen.contract.kernel import DSP, DUAL_ISSUE, Form, Kernel, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import OF_DSP
from fwgen.kernels.matrix import transformed_weights
from fwgen.kernels.matrix.products import hides_rounding
from fwgen.kernels.matrix.strips import Convolution, convolution_of
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import FAR, MOST_LINES, distance
from fwgen.ops.parts.weights import TYPES, is_grouped
from fwgen.ops.parts.windows import window_fields

DRIVER = "conv_2d_winograd_s8_dsp"
INPUTS = "winograd_inputs_s8_dsp"

TILES = 4
"""Tiles that are multiplied at a time."""

MOST_PIXELS = 1 << 18
"""Outputs up to which overlap is looked for, so that a build takes no longer than it must."""

WORK_BYTES = 16 * 8 * 4 + TILES * 12
"""Of ``fw_winograd_work``."""

PAIR_BYTES = 256
"""Of values of a pair of input channels."""

_FIELDS = ("kernel_h", "kernel_w", "stride_h", "stride_w")
"""Members of other convolutions' structs that the one here has not."""


@dataclass(frozen=True)
class TileCosts:
    """Estimated cycles of the parts of the kernels.

    The first five are of 4 tiles and a pair of channels. ``step`` is a pair of input channels at a
    position, ``position`` what a position takes beside, ``turn`` that of the loop over steps.
    ``outputs`` is what becomes of the sums, ``away`` what the rounding fix-up adds.

    ``values`` are those of a tile and a pair of input channels, ``column`` what such a pair takes
    beside for tiles in a row. ``widened`` is an input of a row, ``group`` what 4 tiles take beside.
    """

    step: float
    position: float
    turn: float
    outputs: float
    away: float
    values: float
    column: float
    widened: float
    group: float


@dataclass(frozen=True)
class TileKernels:
    """The kernels for a kind of core: ``suffix`` ends their names, ``ending`` those of rows."""

    suffix: str
    ending: str
    needs: frozenset[str]
    lacks: frozenset[str]
    costs: TileCosts

    @property
    def names(self) -> tuple[str, ...]:
        """All kernels for products."""
        sizes = ("8", "16", "long", "any")
        return tuple(
            f"winograd_{n}{relu}_s8_{self.suffix}" for n in sizes for relu in ("", "_relu")
        )


SINGLE_ISSUE = TileKernels(
    "dsp", "", DSP, DUAL_ISSUE, TileCosts(14.0, 18.0, 8.0, 490.0, 64.0, 54.0, 40.0, 2.0, 400.0)
)
"""For cores with the DSP extension that issue one instruction at a time."""

DUAL = TileKernels(
    "dual",
    "_dual",
    DSP | DUAL_ISSUE,
    frozenset(),
    TileCosts(8.2, 10.0, 8.0, 325.0, 56.0, 40.0, 30.0, 1.5, 250.0),
)
"""For those that issue two."""


@dataclass(frozen=True)
class Tiling:
    """The tiles of a convolution, and which kernel takes them."""

    conv: Convolution

    @property
    def given(self) -> int:
        """Pairs of input channels, of which there are 2 for each 4 channels."""
        return -(-self.conv.depth // 4) * 2

    @property
    def size(self) -> str:
        """Which of the kernels for products."""
        if 4 < self.given <= 8:
            return "8"
        if 12 < self.given <= 16:
            return "16"
        return "long" if self.given % 16 == 0 else "any"

    @property
    def steps(self) -> int:
        """Pairs of input channels that the kernel unrolls."""
        return {"8": 8, "16": 16, "long": 16, "any": 4}[self.size]

    @property
    def pairs(self) -> int:
        """Pairs of input channels that it multiplies."""
        return -(-self.given // self.steps) * self.steps

    @property
    def rows(self) -> int:
        """Tiles above one another."""
        return -(-self.conv.output[0] // 2)

    @property
    def columns(self) -> int:
        """Tiles side by side."""
        return -(-self.conv.output[1] // 2)

    @property
    def count(self) -> int:
        """Tiles of all images."""
        return self.conv.batches * self.rows * self.columns

    @property
    def pixels(self) -> int:
        """Of a row in scratch."""
        return 2 * self.columns + 2

    @property
    def scratch_bytes(self) -> int:
        return WORK_BYTES + self.pairs * PAIR_BYTES + 4 * self.given * self.pixels * 4

    def cycles(self, costs: TileCosts, hidden: bool) -> float:
        """Estimated cycles; ``hidden``: without the rounding fix-up."""
        turns = 0 if self.size in ("8", "16") else self.pairs // self.steps
        position = self.pairs * costs.step + costs.position + turns * costs.turn
        pair = 16 * position + costs.outputs + (0.0 if hidden else costs.away)
        groups, rows = -(-self.count // TILES), self.conv.batches * self.rows
        return (
            groups * (-(-self.conv.channels // 2) * pair + costs.group)
            + self.given * (self.count * costs.values + (groups + rows) * costs.column)
            + (2 * rows + 2 * self.conv.batches) * self.pixels * self.given * 2 * costs.widened
        )


def holds(node: Node) -> bool:
    """Whether it is a convolution of 3 x 3 with stride 1 whose sums and scales are such as the
    kernels compute exactly."""
    conv = convolution_of(node)
    return (
        not is_grouped(node)
        and conv.kernel == (3, 3)
        and conv.stride == conv.dilation == (1, 1)
        and max(conv.output) <= MOST_LINES
        and transformed_weights.holds(node)
    )


def forms(node: Node, kernels: TileKernels) -> tuple[Form, ...]:
    """One form: tiles in their order."""
    tiling, clamp = Tiling(convolution_of(node)), clamp_of(node)
    hidden = hides_rounding(node, clamp)
    fields = dict(window_fields(node.x, node.y, (3, 3), node.options))
    params = Params(
        f"fw_{DRIVER}_params",
        (
            *((name, value) for name, value in fields.items() if name not in _FIELDS),
            ("input_zero_point", node.x.zero_point),
            ("pairs", tiling.pairs),
        ),
    )
    products = f"fw_winograd_{tiling.size}{'_relu' if hidden else ''}_s8_{kernels.suffix}"
    given = Ref(node.x.index), transformed_weights.pack(node, tiling.pairs)
    functions = Function(f"fw_{INPUTS}"), Function(products)
    args = (params, *given, *functions, Scratch(), Ref(node.y.index))
    return (
        Form(
            calls=(Call(f"fw_{DRIVER}", args), *OF_DSP.calls(node, clamp)),
            cycles=tiling.cycles(kernels.costs, hidden) + OF_DSP.cycles(node, clamp),
            scratch_bytes=tiling.scratch_bytes,
            overlap=_overlap(tiling, fields),
            reads=Reads(-(-tiling.count // TILES), 1.0, node.x.shape[2] * node.x.shape[3]),
            larger_weights=True,
        ),
    )


def _overlap(tiling: Tiling, fields: dict[str, int]) -> OverlapLimit:
    """Rows of inputs are read when their first tile is, tiles written when 4 of them have been.

    Images follow one another; a row of padding alone is not read.
    """
    conv = tiling.conv
    (height, width), channels = conv.output, conv.channels
    if conv.batches * height * width > MOST_PIXELS:
        return OverlapLimit()
    image, row, column = np.unravel_index(
        np.arange(tiling.count), (conv.batches, tiling.rows, tiling.columns)
    )
    # the rows of inputs that the first tile of a row brings in, from `first` on
    first = 2 * row + np.where(row > 0, 2, 0) - fields["pad_top"]
    last = 2 * row + 3 - fields["pad_top"]
    inside = (column == 0) & (last >= 0) & (first < fields["input_h"])
    line = fields["input_w"] * fields["input_c"]
    starts = (image * fields["input_h"] + np.maximum(first, 0)) * line
    reads = np.where(inside, starts, -FAR)
    bottom, right = np.minimum(2 * row + 1, height - 1), np.minimum(2 * column + 1, width - 1)
    ends = ((image * height + bottom) * width + right + 1) * channels
    firsts = np.arange(0, tiling.count, TILES)
    return OverlapLimit(
        (distance(np.minimum.reduceat(reads, firsts), np.maximum.reduceat(ends, firsts)),)
    )


def _row(kernels: TileKernels) -> Kernel:
    return Kernel(
        "CONV_2D",
        f"{DRIVER}{kernels.ending}",
        "fwgen",
        lambda node: forms(node, kernels),
        kernels.needs,
        holds,
        lacks=kernels.lacks,
        functions=(DRIVER, INPUTS, *kernels.names, OF_DSP.function),
        types=TYPES,
    )


KERNELS = tuple(map(_row, (SINGLE_ISSUE, DUAL)))
