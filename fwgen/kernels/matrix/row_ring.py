"""The ring of rows that windows share, in CONV_2D on cores without vectors.

``row_ring.h`` describes it, ``dsp_rows.h`` and ``v7m_rows.h`` what a row is. Each row of the input
is put there once, where windows in columns of their own would be put there for each of the kernel's
rows and columns again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, Form, OverlapLimit, Reads
from fwgen.contract.node import Node
from fwgen.kernels.matrix import strips
from fwgen.kernels.matrix.column_kernels import BYTES, DUAL, SINGLE_ISSUE
from fwgen.kernels.matrix.columns import MOST_PIXELS, PIXELS, ColumnKernels, Columns
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.matrix.strips import Convolution
from fwgen.ops.parts.overlap import FAR, MOST_LINES, distance
from fwgen.ops.parts.windows import window_fields


@dataclass(frozen=True)
class RingKernels:
    """The kernels for a kind of core. In the ring an input takes ``input_bytes``.

    There are kernels for the distances ``pitches`` from a pixel to the next, in bytes, which unroll
    so many inputs of a row. ``tail`` are estimated cycles beside those of ``columns``, of a pair of
    channels, ``put`` those of an input that is put into the ring.
    """

    columns: ColumnKernels
    input_bytes: int
    pitches: Mapping[int, int]
    tail: float
    put: float

    @property
    def names(self) -> tuple[str, ...]:
        """All kernels."""
        return tuple(
            f"matrix_rows_{pitch}{relu}_s8_{self.columns.suffix}"
            for pitch in self.pitches
            for relu in ("", "_relu")
        )

    def kernel_of(self, pitch: int, hidden: bool) -> Function:
        """The kernel for pixels that are ``pitch`` bytes apart."""
        relu = "_relu" if hidden else ""
        return Function(f"fw_matrix_rows_{pitch}{relu}_s8_{self.columns.suffix}")

    def takes(self, pitch: int, line: int) -> bool:
        """Whether there is a kernel for that distance, and for ``line`` inputs of a row."""
        unrolled = self.pitches.get(pitch)
        return unrolled is not None and line % unrolled == 0

    def pair(self, pitch: int, lines: int, line: int, hidden: bool) -> float:
        """Estimated cycles of 4 pixels and a pair of channels."""
        costs = self.columns.costs
        steps, turns = line / self.columns.inputs, line / self.pitches[pitch]
        rows = lines * (steps * costs.step + turns * costs.turn + 14.0)
        return costs.pair + (0.0 if hidden else costs.away) + self.tail + rows


def _widened(columns: ColumnKernels) -> RingKernels:
    """With the DSP extension."""
    return RingKernels(columns, 2, dict.fromkeys((32, 64, 128), 24), 6.0, columns.costs.put / 4)


WIDENED, WIDENED_DUAL = _widened(SINGLE_ISSUE), _widened(DUAL)
AS_BYTES = RingKernels(BYTES, 1, {3: 9, 6: 9, 8: 8, 16: 16, 32: 16, 64: 16, 128: 16}, 0.0, 1.2)
"""For Armv7-M without it."""

MOST_KERNEL_ROWS = 8

_FIELDS = frozenset({"batches"})
"""Members of other convolutions' structs that the one here has not."""


def holds(node: Node, kernels: RingKernels) -> bool:
    """Whether there is a kernel for the distance of pixels and the inputs of a kernel row."""
    conv = strips.convolution_of(node)
    return (
        conv.batches == 1
        and conv.dilation == (1, 1)
        and conv.kernel[0] <= MOST_KERNEL_ROWS
        and conv.depth % kernels.columns.inputs == 0
        and kernels.takes(_pitch(conv, kernels), conv.line)
        and conv.output[0] <= MOST_LINES
        and kernels.columns.holds(node)
    )


def _pitch(conv: Convolution, kernels: RingKernels) -> int:
    return kernels.input_bytes * conv.stride[1] * conv.depth


def _row_inputs(conv: Convolution) -> int:
    """Of a row: for the windows of all pixels of an output row, rounded up to 4."""
    pixels = -(-conv.output[1] // PIXELS) * PIXELS
    return ((pixels - 1) * conv.stride[1] + conv.kernel[1]) * conv.depth


def forms(node: Node, clamp: tuple[int, int], kernels: RingKernels) -> tuple[Form, ...]:
    """One form: rows of outputs one after the other."""
    conv, columns = strips.convolution_of(node), kernels.columns
    made = Columns(node, columns, clamp, columns.pack(node))
    window = window_fields(node.x, node.y, conv.kernel, node.options)
    row_bytes = kernels.input_bytes * _row_inputs(conv)
    params = Params(
        "fw_conv_2d_rows_params",
        (
            *((name, value) for name, value in window if name not in _FIELDS),
            ("input_zero_point", node.x.zero_point),
            ("row_bytes", row_bytes),
        ),
    )
    kernel = kernels.kernel_of(_pitch(conv, kernels), made.hidden)
    args = (params, Ref(node.x.index), made.packed, kernel, Scratch(), Ref(node.y.index))
    call = Call(f"fw_conv_2d_rows_s8_{columns.driver}", args)
    return (
        Form(
            calls=(call, *columns.clamp.calls(node, clamp)),
            cycles=_cycles(conv, made, kernels),
            scratch_bytes=conv.kernel[0] * row_bytes + _spare_bytes(conv.channels),
            overlap=OverlapLimit((apart_bytes(node, conv),)),
            reads=Reads(conv.output[0] * -(-conv.output[1] // PIXELS)),
        ),
    )


def _spare_bytes(channels: int) -> int:
    """Of the outputs of 4 pixels, and one more."""
    return (4 * channels + 1 + 3) // 4 * 4


def _cycles(conv: Convolution, made: Columns, kernels: RingKernels) -> float:
    """Estimated cycles: rows are put into the ring, groups of 4 pixels multiplied."""
    pair = kernels.pair(_pitch(conv, kernels), conv.kernel[0], conv.line, made.hidden)
    groups = conv.output[0] * -(-conv.output[1] // PIXELS)
    rows = conv.output[0] * min(conv.stride[0], conv.kernel[0])
    spared = conv.output[0] * (conv.output[1] % PIXELS) * conv.channels * 6.0
    return (
        groups * (-(-conv.channels // 2) * pair + 60.0 + 12.0 * conv.kernel[0])
        + rows * (_row_inputs(conv) * kernels.put + 20.0)
        + spared
        + made.clamping
    )


def apart_takes(node: Node, pixels: Pixels) -> bool:
    """Whether pixels that are contiguous in the input can be multiplied where they are."""
    depth = node.w.elements // node.w.shape[0]
    return AS_BYTES.takes(pixels.input_pitch, depth) and AS_BYTES.columns.holds(node)


def apart_forms(node: Node, pixels: Pixels, clamp: tuple[int, int]) -> tuple[Form, ...]:
    """One form of that: the last pixels are copied, if they are less than 4."""
    columns = AS_BYTES.columns
    made, pitch = Columns(node, columns, clamp, columns.pack(node)), pixels.input_pitch
    members = {
        "count": made.count,
        "depth": made.depth,
        "channels": made.channels,
        "input_pitch": pitch,
    }
    params = Params("fw_matrix_apart_params", tuple(members.items()))
    kernel = AS_BYTES.kernel_of(pitch, made.hidden)
    args = (params, Ref(node.x.index), made.packed, kernel, Scratch(), Ref(node.y.index))
    pair = AS_BYTES.pair(pitch, 1, made.depth, made.hidden)
    each = -(-made.channels // 2) * pair + 50.0
    form = Form(
        calls=(
            Call(f"fw_matrix_apart_s8_{columns.driver}", args),
            *columns.clamp.calls(node, clamp),
        ),
        cycles=-(-made.count // PIXELS) * each + made.clamping,
        scratch_bytes=(3 * pitch + made.depth + 3) // 4 * 4 + _spare_bytes(made.channels),
        overlap=_apart_overlap(made, pitch),
        reads=Reads(-(-made.count // PIXELS)),
    )
    return (form,)


def _apart_overlap(made: Columns, pitch: int) -> OverlapLimit:
    """4 pixels are read again for each pair of channels, of which the last one is written first.

    The last 4 outputs are written when all is read, if they go by room of their own.
    """
    if made.count > MOST_PIXELS:
        return APART
    firsts = np.arange(0, made.count, PIXELS)
    odd = made.channels % 2
    ends = np.minimum(firsts + PIXELS, made.count) * made.channels + odd
    times = np.full_like(firsts, 2 if made.channels > 2 else 1)
    if made.count % PIXELS or odd:
        times[-1] = 1
    return OverlapLimit((distance(np.repeat(firsts * pitch, times), np.repeat(ends, times)),))


def apart_bytes(node: Node, conv: Convolution) -> int:
    """D of output rows: each is written when all rows that it needs are in the ring.

    A pair of channels that reaches beyond a pixel is written there, but of less than 4 pixels and
    of the last ones. Rows of padding alone are not read.
    """
    x, y = node.x, node.y
    top = dict(window_fields(x, y, conv.kernel, node.options))["pad_top"]
    rows = np.arange(conv.output[0], dtype=np.int64)
    first = rows * conv.stride[0] - top  # of each window; those before are there
    before = np.concatenate([[first[0]], first[:-1] + conv.kernel[0]])
    fresh = np.maximum(np.maximum(first, before), 0)
    reads = np.where(fresh < x.shape[1], fresh * x.shape[2] * conv.depth, -FAR)
    beyond = conv.channels % 2 if conv.output[1] % PIXELS == 0 else 0
    return distance(reads, (rows + 1) * conv.output[1] * conv.channels + beyond)
