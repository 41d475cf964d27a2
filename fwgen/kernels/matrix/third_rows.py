"""Rows of CONV_2D, FULLY_CONNECTED and one-channel DEPTHWISE_CONV_2D by products of three pixels in
two words, for Armv6-M."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, ARMV6M, Form, Kernel, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.matrix import strips
from fwgen.kernels.matrix.columns import MOST_PIXELS
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.matrix.thirds import Thirds, pack, scales_for, thirds_of
from fwgen.kernels.one_channel import for_one_channel
from fwgen.ops.parts.overlap import Int64Array, distance, window_starts
from fwgen.ops.parts.weights import TYPES, is_grouped
from fwgen.ops.parts.windows import window_fields

TRIPLES = (3, 2, 1)
"""Of the pixels of a block, those with the fewest cycles first."""

FUNCTIONS = tuple(
    f"matrix_{3 * triples}{kind}_s8_v6m" for triples in TRIPLES for kind in ("", "_relu", "_parts")
)

LACKS = frozenset({"dsp"})
"""What cores with faster kernels have. On those of Armv7-M without it a product of two words takes
a cycle for a pixel and a half, and MLA two cycles for one."""

INPUT_CYCLES = {3: 22.5, 2: 15.5, 1: 10.0}
"""Estimated cycles of an input of a block, by its triples."""


@dataclass(frozen=True)
class PixelBlocks:
    """The pixels of an op in blocks of 3 times ``triples``, the last of which may have less."""

    node: Node
    thirds: Thirds
    packed: Constant
    triples: int

    @property
    def channels(self) -> int:
        return self.node.w.shape[0]

    @property
    def depth(self) -> int:
        return self.node.w.elements // self.channels

    @property
    def count(self) -> int:
        """Pixels of all rows and images."""
        return self.node.y.elements // self.channels

    @property
    def last(self) -> int:
        """Triples of the last block."""
        return -(-(self.count % (3 * self.triples)) // 3) or self.triples

    def kernel(self, triples: int) -> Function:
        return Function(f"fw_matrix_{3 * triples}{self.thirds.kind}_s8_v6m")

    @property
    def scratch_bytes(self) -> int:
        """Of the columns of a block."""
        return 8 * self.triples * self.thirds.columns

    @property
    def fields(self) -> tuple[tuple[str, int], ...]:
        """The members of ``fw_thirds_params`` but for the pitch."""
        return (
            ("count", self.count),
            ("depth", self.depth),
            ("channels", self.channels),
            ("triples", self.triples),
            ("columns", self.thirds.columns),
            ("part", self.thirds.part),
        )

    @property
    def cycles(self) -> float:
        """Estimated cycles of all blocks, put into columns and multiplied."""
        whole = (self.count - 1) // (3 * self.triples)
        return whole * self._block(self.triples) + self._block(self.last) + 60.0

    def _block(self, triples: int) -> float:
        thirds, pixels = self.thirds, 3 * triples
        output = {"_relu": 16.0, "": 20.0, "_parts": 20.0}[thirds.kind]
        channel = 75.0 + thirds.columns * INPUT_CYCLES[triples] + pixels * (output + 5.5)
        channel += (thirds.parts if thirds.part else 0) * (25.0 + pixels * 8.0)
        return self.channels * channel + triples * self.depth * 17.0 + 150.0

    def overlap(self, starts: Int64Array | None) -> OverlapLimit:
        """A block is read whole before any of it is written; ``starts`` is where each pixel
        begins."""
        if starts is None:
            return APART
        firsts = np.arange(0, self.count, 3 * self.triples)
        reads = np.minimum.reduceat(starts, firsts)
        ends = np.minimum(firsts + 3 * self.triples, self.count) * self.channels
        return OverlapLimit((distance(reads, ends),))

    def form(self, function: str, params: Params, starts: Int64Array | None) -> Form:
        """The call of a driver."""
        kernels = self.kernel(self.triples), self.kernel(self.last)
        x, y = Ref(self.node.x.index), Ref(self.node.y.index)
        call = Call(f"fw_{function}_s8_v6m", (params, x, self.packed, *kernels, Scratch(), y))
        return Form((call,), self.cycles, self.scratch_bytes, self.overlap(starts))


def _blocks(node: Node) -> tuple[PixelBlocks, ...]:
    """PixelBlocks of each size that is not larger than all pixels need."""
    thirds = thirds_of(node)
    assert thirds is not None, "the row holds"
    packed = pack(node, thirds)
    made = (PixelBlocks(node, thirds, packed, triples) for triples in TRIPLES)
    return tuple(b for b in made if b.triples == 1 or b.count > 3 * (b.triples - 1))


def _ordered(forms: list[Form]) -> tuple[Form, ...]:
    return tuple(sorted(forms, key=lambda form: form.cycles))


def _forms_of_pixels(node: Node, pixels: Pixels) -> tuple[Form, ...]:
    """Pixels that are contiguous in the input."""
    starts = None
    if pixels.count <= MOST_PIXELS:
        starts = np.arange(pixels.count, dtype=np.int64) * pixels.input_pitch
    forms = []
    for blocks in _blocks(node):
        fields = (*blocks.fields, ("input_pitch", pixels.input_pitch))
        forms.append(blocks.form("matrix_pixels", Params("fw_thirds_params", fields), starts))
    return _ordered(forms)


def _forms_pixels(node: Node) -> tuple[Form, ...]:
    pixels = strips.contiguous(node)
    assert pixels is not None, "the row holds"
    return _forms_of_pixels(node, pixels)


def _forms_dense(node: Node) -> tuple[Form, ...]:
    units, depth = node.w.shape
    return _forms_of_pixels(node, Pixels(node.x.elements // depth, depth, units))


def _forms_windows(node: Node) -> tuple[Form, ...]:
    """Windows of any kind."""
    x, conv = node.x, strips.convolution_of(node)
    windows = (
        *window_fields(x, node.y, conv.kernel, node.options),
        ("dilation_h", conv.dilation[0]),
        ("dilation_w", conv.dilation[1]),
        ("input_zero_point", x.zero_point),
    )
    starts = _starts(node, conv)
    finding = _finding(node, conv)
    forms = []
    for blocks in _blocks(node):
        fields = (
            *((f"windows.{name}", value) for name, value in windows),
            *((f"matrix.{name}", value) for name, value in blocks.fields),
            ("matrix.input_pitch", 0),
        )
        form = blocks.form("conv_2d", Params("fw_conv_2d_thirds_params", fields), starts)
        cycles, scratch = form.cycles + finding, form.scratch_bytes + 3 * _rounded(blocks.depth)
        forms.append(replace(form, cycles=cycles, scratch_bytes=scratch))
    return _ordered(forms)


def _rounded(size: int) -> int:
    return (size + 3) // 4 * 4


def _starts(node: Node, conv: strips.Convolution) -> Int64Array | None:
    """Where the window of each pixel begins, None if overlap is not looked for."""
    axes = window_starts(node.x, conv.kernel, node.options)
    if axes is None or conv.batches > 4 or node.y.elements // conv.channels > MOST_PIXELS:
        return None
    image, row, column = axes
    return (image[:, None, None] + row[:, None] + column).reshape(-1)


def _finding(node: Node, conv: strips.Convolution) -> float:
    """Estimated cycles of finding windows, and of gathering those that reach beyond the image."""
    height, width = conv.output
    inside = [
        min(size, max(0, (length - kernel) // stride + 1))
        for size, length, kernel, stride in zip(
            conv.output, node.x.shape[1:3], conv.kernel, conv.stride, strict=True
        )
    ]
    gathered = height * width - (inside[0] * inside[1] if conv.dilation[1] == 1 else 0)
    each = conv.kernel[0] * (60.0 + 10.0 * conv.line)
    return conv.batches * (height * width * (60.0 + 15.0 * conv.kernel[0]) + gathered * each)


def _holds_dense(node: Node) -> bool:
    return scales_for(node) is not None


def _holds_windows(node: Node) -> bool:
    return not is_grouped(node) and _holds_dense(node)


def _holds_pixels(node: Node) -> bool:
    return strips.contiguous(node) is not None and _holds_windows(node)


def _row(
    op: str, name: str, forms: Callable[[Node], tuple[Form, ...]], holds: Callable[[Node], bool]
) -> Kernel:
    driver = f"{name}_s8_v6m"
    return Kernel(
        *(op, driver, "fwgen", forms, ARMV6M, holds),
        lacks=LACKS,
        functions=(driver, *FUNCTIONS),
        types=TYPES,
    )


_CONVOLUTIONS = (
    _row("CONV_2D", "matrix_pixels", _forms_pixels, _holds_pixels),
    _row("CONV_2D", "conv_2d", _forms_windows, _holds_windows),
)

KERNELS = (
    *_CONVOLUTIONS,
    _row("FULLY_CONNECTED", "matrix_pixels", _forms_dense, _holds_dense),
    *for_one_channel(_CONVOLUTIONS),
)
