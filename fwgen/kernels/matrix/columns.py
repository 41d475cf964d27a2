"""Columns: windows of 4 pixels, widened in scratch, for cores with the DSP extension.

The kernels multiply them by pairs of channels, in convolutions and FULLY_CONNECTED.
``dsp_matrix.h`` describes arithmetic and layout.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, Form, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.dsp.byte_clamp import clamp_cycles, clamped
from fwgen.kernels.matrix import strips
from fwgen.kernels.matrix.paired_bytes import pack, steps_of
from fwgen.kernels.matrix.products import Pixels, hides_rounding
from fwgen.ops.parts.overlap import distance, window_starts
from fwgen.ops.parts.windows import window_fields

PIXELS = 4
"""Pixels that are multiplied at a time."""

UNROLLED = (2, 4, 7, 8)
"""Steps of 4 inputs for which there are kernels without a loop."""

LOOPED = 8
"""Steps that the kernel for any number of them unrolls."""

MOST_PIXELS = 1 << 18
"""Pixels up to which overlap is looked for."""


@dataclass(frozen=True)
class ColumnKernels:
    """The kernels for a kind of core, by their ending, and estimated cycles of their parts.

    ``step`` is what 4 inputs of 4 pixels take with 2 channels, ``pair`` what these take beside.
    ``away`` is what the rounding fix-up adds. ``turn`` is beside the steps of a turn of the loop of
    ``LOOPED`` steps, ``single`` of one of a single step. ``widen`` is what 4 inputs of a pixel take
    to be widened, ``line`` what a row of a window takes beside.
    """

    suffix: str
    step: float
    pair: float
    away: float
    turn: float
    single: float
    widen: float
    line: float

    def kernel_of(self, depth: int, hidden: bool) -> Function:
        """The kernel for pixels of ``depth`` inputs."""
        steps = steps_of(depth)
        size = str(steps) if steps in UNROLLED else "long"
        return Function(f"fw_matrix_{size}{'_relu' if hidden else ''}_s8_{self.suffix}")

    def cost(self, count: int, depth: int, channels: int, hidden: bool) -> float:
        """Estimated cycles of ``count`` pixels, widened and multiplied."""
        steps, groups = steps_of(depth), -(-count // PIXELS)
        pair = self.step * steps + self.pair + (0.0 if hidden else self.away)
        if steps not in UNROLLED:
            turns, rest = divmod(steps, LOOPED)
            pair += turns * self.turn + rest * self.single + 10.0
        left = 6.0 * (count % PIXELS) * channels
        return groups * (-(-channels // 2) * pair + 70.0) + count * self.widen * steps + left


def names(kernels: ColumnKernels) -> tuple[str, ...]:
    """All kernels for a kind of core."""
    sizes = (*map(str, UNROLLED), "long")
    return tuple(f"matrix_{n}{relu}_s8_{kernels.suffix}" for n in sizes for relu in ("", "_relu"))


SINGLE_ISSUE = ColumnKernels("dsp", 29.0, 62.0, 16.0, 6.0, 6.0, 12.0, 45.0)
DUAL_ISSUE = ColumnKernels("dual", 17.0, 42.0, 12.0, 5.0, 7.0, 8.0, 30.0)


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
        return clamp_cycles(self.node, self.clamp)

    @property
    def scratch_bytes(self) -> int:
        """Of columns, and of the outputs of 4 pixels."""
        return 32 * steps_of(self.depth) + (4 * self.channels + 1 + 3) // 4 * 4

    def fields(self, input_pitch: int) -> tuple[tuple[str, int], ...]:
        """The members of ``fw_matrix_dsp_params``."""
        steps = steps_of(self.depth)
        whole = steps if steps in UNROLLED else steps // LOOPED * LOOPED
        return (
            ("count", self.count),
            ("depth", self.depth),
            ("channels", self.channels),
            ("input_pitch", input_pitch),
            ("steps", steps),
            ("whole", whole),
        )

    def gathering(self, kernel: tuple[int, int], gathered: bool) -> float:
        """Estimated cycles of finding the rows of windows, and of gathering them byte by byte."""
        lines = self.count * self.kernels.line * (kernel[0] + 1)
        return lines + (self.count * self.depth * self.kernels.widen / 2 if gathered else 0.0)

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
    made = Columns(node, kernels, clamp, pack(node))
    params = Params("fw_matrix_dsp_params", made.fields(pixels.input_pitch))
    starts = None
    if made.count <= MOST_PIXELS:
        starts = np.arange(made.count, dtype=np.int64) * pixels.input_pitch
    return (_form(made, "matrix_pixels_s8_dsp", params, starts),)


def forms_of_windows(
    node: Node, clamp: tuple[int, int], kernels: ColumnKernels
) -> tuple[Form, ...]:
    """Windows of any kind."""
    made = Columns(node, kernels, clamp, pack(node))
    x, y, conv = node.x, node.y, strips.convolution_of(node)
    params = Params(
        "fw_conv_2d_s8_dsp_params",
        (
            *window_fields(x, y, conv.kernel, node.options),
            ("dilation_h", conv.dilation[0]),
            ("dilation_w", conv.dilation[1]),
            ("input_zero_point", x.zero_point),
            *((f"matrix.{name}", value) for name, value in made.fields(0)),
        ),
    )
    axes, starts = window_starts(x, conv.kernel, node.options), None
    if axes is not None and made.count <= MOST_PIXELS and conv.batches <= 4:
        image, row, column = axes
        starts = (image[:, None, None] + row[:, None] + column).reshape(-1)
    form = _form(made, "conv_2d_s8_dsp", params, starts)
    line = (conv.depth if conv.dilation[1] > 1 else conv.line) % 4
    finding = made.gathering(conv.kernel, gathered=line > 0)
    window = (made.depth + 3) // 4 * 4
    return (replace(form, cycles=form.cycles + finding, scratch_bytes=form.scratch_bytes + window),)


def _form(made: Columns, function: str, params: Params, starts: np.ndarray | None) -> Form:
    x, y = made.node.x, made.node.y
    args = (params, Ref(x.index), made.packed, made.kernel, Scratch(), Ref(y.index))
    return Form(
        calls=(Call(f"fw_{function}", args), *clamped(made.node, made.clamp)),
        cycles=made.cycles,
        scratch_bytes=made.scratch_bytes,
        overlap=made.overlap(starts),
    )
