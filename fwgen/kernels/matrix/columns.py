"""Columns: windows of 4 pixels, side by side in scratch, for cores without vectors.

The kernels multiply them by pairs of channels, in convolutions and FULLY_CONNECTED.
``four_pixels.h`` describes what all have in common, ``dsp_matrix.h`` and ``v7m_matrix.h`` what a
column is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, Form, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import ByteClamp
from fwgen.kernels.matrix import strips
from fwgen.kernels.matrix.products import Pixels, hides_rounding
from fwgen.ops.parts.overlap import distance, window_starts
from fwgen.ops.parts.windows import window_fields

PIXELS = 4
"""Pixels that are multiplied at a time."""

MOST_PIXELS = 1 << 18
"""Pixels up to which overlap is looked for."""


@dataclass(frozen=True)
class ColumnCosts:
    """Estimated cycles of the parts of a kernel for 4 pixels, and of its driver.

    ``step`` is what a column of 4 pixels takes with 2 channels, ``pair`` what these take beside.
    ``away`` is what the rounding fix-up adds. ``turn`` is beside the columns of a turn of the loop,
    ``single`` of a turn of one column. ``put`` is what a pixel takes to get into a column, ``line``
    what a row of a window takes beside, ``byte`` each of its bytes where they are gathered first.
    """

    step: float
    pair: float
    away: float
    turn: float
    single: float
    put: float
    line: float
    byte: float


@dataclass(frozen=True)
class ColumnKernels:
    """The kernels for a kind of core.

    ``suffix`` ends their names, ``driver`` those of their callers. A column has ``inputs`` of each
    of 4 pixels, in ``column_bytes``. ``unrolled`` are the numbers of columns that have a kernel
    without a loop, ``unrolled_hidden`` those where outputs hide the rounding fix-up. More columns
    would take more than the KB of code that small caches hold. All others have the kernel that is
    called ``loop``, with ``looped`` columns in a turn. ``pack`` and ``holds`` are of their weights.
    """

    suffix: str
    driver: str
    inputs: int
    column_bytes: int
    unrolled: tuple[int, ...]
    unrolled_hidden: tuple[int, ...]
    loop: str
    looped: int
    pack: Callable[[Node], Constant]
    holds: Callable[[Node], bool]
    clamp: ByteClamp
    costs: ColumnCosts

    @property
    def names(self) -> tuple[str, ...]:
        """All kernels."""
        return tuple(
            f"matrix_{size}{relu}_s8_{self.suffix}"
            for relu, unrolled in (("", self.unrolled), ("_relu", self.unrolled_hidden))
            for size in (*unrolled, self.loop)
        )

    def columns(self, depth: int) -> int:
        """Those of pixels of ``depth`` inputs."""
        return -(-depth // self.inputs)

    def kernel_of(self, depth: int, hidden: bool) -> Function:
        """The kernel for pixels of ``depth`` inputs."""
        count = self.columns(depth)
        size = count if count in self._unrolled(hidden) else self.loop
        return Function(f"fw_matrix_{size}{'_relu' if hidden else ''}_s8_{self.suffix}")

    def _unrolled(self, hidden: bool) -> tuple[int, ...]:
        return self.unrolled_hidden if hidden else self.unrolled

    def cost(self, count: int, depth: int, channels: int, hidden: bool) -> float:
        """Estimated cycles of ``count`` pixels, put into columns and multiplied."""
        costs, columns, groups = self.costs, self.columns(depth), -(-count // PIXELS)
        pair = costs.step * columns + costs.pair + (0.0 if hidden else costs.away)
        if columns not in self._unrolled(hidden):
            turns, rest = divmod(columns, self.looped)
            pair += turns * costs.turn + rest * costs.single + 10.0
        left = 6.0 * (count % PIXELS) * channels
        return groups * (-(-channels // 2) * pair + 70.0) + count * costs.put * columns + left


@dataclass(frozen=True)
class Columns:
    """The product of an op: ``pixels`` of ``depth`` inputs each, with ``channels`` outputs."""

    node: Node
    kernels: ColumnKernels
    clamp: tuple[int, int]
    packed: Constant

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

    @property
    def hidden(self) -> bool:
        return hides_rounding(self.node, self.clamp)

    @property
    def kernel(self) -> Function:
        return self.kernels.kernel_of(self.depth, self.hidden)

    @property
    def cycles(self) -> float:
        made = self.kernels.cost(self.count, self.depth, self.channels, self.hidden)
        return made + self.clamping

    @property
    def clamping(self) -> float:
        """Estimated cycles of a clamp that the kernels do not do."""
        return self.kernels.clamp.cycles(self.node, self.clamp)

    @property
    def scratch_bytes(self) -> int:
        """Of columns, and of the outputs of 4 pixels."""
        columns = self.kernels.columns(self.depth) * self.kernels.column_bytes
        return columns + (4 * self.channels + 1 + 3) // 4 * 4

    def fields(self, input_pitch: int) -> tuple[tuple[str, int], ...]:
        """The members of ``fw_matrix_pixels_params``."""
        kernels, columns = self.kernels, self.kernels.columns(self.depth)
        return (
            ("count", self.count),
            ("depth", self.depth),
            ("channels", self.channels),
            ("input_pitch", input_pitch),
            ("columns", columns),
            ("whole", columns // kernels.looped * kernels.looped),
        )

    def gathering(self, kernel: tuple[int, int], gathered: bool) -> float:
        """Estimated cycles of finding the rows of windows, and of gathering them byte by byte."""
        costs = self.kernels.costs
        lines = self.count * costs.line * (kernel[0] + 1)
        return lines + (self.count * self.depth * costs.byte if gathered else 0.0)

    def overlap(self, starts: np.ndarray | None) -> OverlapLimit:
        """4 pixels are read whole before any is written; ``starts`` is where each begins.

        A pair of channels that reaches beyond a pixel is written there, but for the last pixels.
        """
        if starts is None:
            return APART
        firsts = np.arange(0, self.count, PIXELS)
        reads = np.minimum.reduceat(starts, firsts)
        ends = np.minimum(firsts + PIXELS, self.count) * self.channels
        return OverlapLimit((distance(reads, ends + self.channels % 2),))


def forms_of_pixels(
    node: Node, pixels: Pixels, clamp: tuple[int, int], kernels: ColumnKernels
) -> tuple[Form, ...]:
    """Pixels that are contiguous in the input."""
    made = Columns(node, kernels, clamp, kernels.pack(node))
    params = Params("fw_matrix_pixels_params", made.fields(pixels.input_pitch))
    starts = None
    if made.count <= MOST_PIXELS:
        starts = np.arange(made.count, dtype=np.int64) * pixels.input_pitch
    return (_form(made, "matrix_pixels", params, starts),)


def forms_of_windows(
    node: Node, clamp: tuple[int, int], kernels: ColumnKernels
) -> tuple[Form, ...]:
    """Windows of any kind."""
    made = Columns(node, kernels, clamp, kernels.pack(node))
    x, y, conv = node.x, node.y, strips.convolution_of(node)
    windows = (
        *window_fields(x, y, conv.kernel, node.options),
        ("dilation_h", conv.dilation[0]),
        ("dilation_w", conv.dilation[1]),
        ("input_zero_point", x.zero_point),
    )
    params = Params(
        "fw_conv_2d_pixels_params",
        (
            *((f"windows.{name}", value) for name, value in windows),
            *((f"matrix.{name}", value) for name, value in made.fields(0)),
        ),
    )
    axes, starts = window_starts(x, conv.kernel, node.options), None
    if axes is not None and made.count <= MOST_PIXELS and conv.batches <= 4:
        image, row, column = axes
        starts = (image[:, None, None] + row[:, None] + column).reshape(-1)
    form = _form(made, "conv_2d", params, starts)
    line = (conv.depth if conv.dilation[1] > 1 else conv.line) % 4
    finding = made.gathering(conv.kernel, gathered=line > 0 or kernels.inputs == 1)
    # columns of bytes take a window from where it was gathered, words of several inputs do not
    window = (made.depth + 3) // 4 * 4 if kernels.inputs == 1 else 0
    return (replace(form, cycles=form.cycles + finding, scratch_bytes=form.scratch_bytes + window),)


def _form(made: Columns, function: str, params: Params, starts: np.ndarray | None) -> Form:
    x, y = made.node.x, made.node.y
    args = (params, Ref(x.index), made.packed, made.kernel, Scratch(), Ref(y.index))
    return Form(
        calls=(
            Call(f"fw_{function}_s8_{made.kernels.driver}", args),
            *made.kernels.clamp.calls(made.node, made.clamp),
        ),
        cycles=made.cycles,
        scratch_bytes=made.scratch_bytes,
        overlap=made.overlap(starts),
        reads=Reads(-(-made.count // PIXELS)),
    )
