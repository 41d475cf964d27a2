"""Rows of CONV_2D, FULLY_CONNECTED and one-channel DEPTHWISE_CONV_2D by products of three pixels in
two words, for Armv6-M."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.call import Call, Constant, Function, Params, Ref, Scratch
from fwgen.contract.kernel import APART, ARMV6M, ARMV7M, Form, Kernel, OverlapLimit
from fwgen.contract.node import Node
from fwgen.kernels.matrix import strips
from fwgen.kernels.matrix.columns import MOST_PIXELS
from fwgen.kernels.matrix.products import Pixels
from fwgen.kernels.matrix.thirds import Thirds, pack, pack_pairs, scales_for, thirds_of
from fwgen.kernels.one_channel import for_one_channel
from fwgen.ops.parts.overlap import Int64Array, distance, window_starts
from fwgen.ops.parts.weights import TYPES, is_grouped
from fwgen.ops.parts.windows import window_fields


@dataclass(frozen=True, eq=False)
class ThirdKernels:
    """The kernels of a core: ``name`` by the pixels of a block, and the kind of their outputs.

    ``inputs`` are estimated cycles of an input of a block and of ``together`` channels, by the
    triples of pixels, the most pixels first. ``channels`` is what these channels take beside,
    ``output`` each output by the kind. ``put`` is what three inputs take to get into their column,
    ``byte`` each byte of a window that is gathered first.
    """

    name: str
    together: int
    inputs: Mapping[int, float]
    channels: float
    output: Mapping[str, float]
    put: float
    byte: float
    pack: Callable[[Node, Thirds], Constant]

    @property
    def functions(self) -> tuple[str, ...]:
        """All kernels."""
        return tuple(self.function(n, kind) for n in self.inputs for kind in self.output)

    def function(self, triples: int, kind: str) -> str:
        return self.name.format(3 * triples, kind)


SINGLE = ThirdKernels(
    name="matrix_{}{}_s8_v6m",
    together=1,
    inputs={3: 22.5, 2: 15.5, 1: 10.0},
    channels=75.0,
    output={"_relu": 21.5, "": 25.5, "_parts": 25.5},
    put=17.0,
    byte=10.0,
    pack=pack,
)
"""Those of Armv6-M."""

PAIRS = ThirdKernels(
    name="matrix_{}_pairs{}_s8_v7m",
    together=2,
    inputs={2: 25.5, 1: 14.5},
    channels=60.0,
    output={"_relu": 20.0, "": 24.0, "_parts": 24.0},
    put=14.0,
    byte=6.0,
    pack=pack_pairs,
)
"""Those of Armv7-M, for pairs of channels."""


@dataclass(frozen=True)
class PixelBlocks:
    """The pixels of an op in blocks of 3 times ``triples``, the last of which may have less."""

    node: Node
    kernels: ThirdKernels
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
        return Function(f"fw_{self.kernels.function(triples, self.thirds.kind)}")

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
        thirds, kernels, pixels = self.thirds, self.kernels, 3 * triples
        each = kernels.channels + thirds.columns * kernels.inputs[triples]
        each += (thirds.parts if thirds.part else 0) * (25.0 + kernels.together * pixels * 8.0)
        outputs = self.channels * pixels * kernels.output[thirds.kind]
        beside = triples * self.depth * kernels.put + 150.0
        return -(-self.channels // kernels.together) * each + outputs + beside

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


def _blocks(node: Node, kernels: ThirdKernels) -> tuple[PixelBlocks, ...]:
    """Blocks of each size that is not larger than all pixels need."""
    thirds = thirds_of(node)
    assert thirds is not None, "the row holds"
    packed = kernels.pack(node, thirds)
    made = (PixelBlocks(node, kernels, thirds, packed, triples) for triples in kernels.inputs)
    return tuple(b for b in made if b.triples == 1 or b.count > 3 * (b.triples - 1))


def _ordered(forms: list[Form]) -> tuple[Form, ...]:
    return tuple(sorted(forms, key=lambda form: form.cycles))


def _forms_of_pixels(node: Node, pixels: Pixels, kernels: ThirdKernels) -> tuple[Form, ...]:
    """Pixels that are contiguous in the input."""
    starts = None
    if pixels.count <= MOST_PIXELS:
        starts = np.arange(pixels.count, dtype=np.int64) * pixels.input_pitch
    forms = []
    for blocks in _blocks(node, kernels):
        fields = (*blocks.fields, ("input_pitch", pixels.input_pitch))
        forms.append(blocks.form("matrix_pixels", Params("fw_thirds_params", fields), starts))
    return _ordered(forms)


def _forms_pixels(node: Node, kernels: ThirdKernels) -> tuple[Form, ...]:
    pixels = strips.contiguous(node)
    assert pixels is not None, "the row holds"
    return _forms_of_pixels(node, pixels, kernels)


def _forms_dense(node: Node, kernels: ThirdKernels) -> tuple[Form, ...]:
    units, depth = node.w.shape
    pixels = Pixels(node.x.elements // depth, depth, units)
    return _forms_of_pixels(node, pixels, kernels)


def _forms_windows(node: Node, kernels: ThirdKernels) -> tuple[Form, ...]:
    """Windows of any kind."""
    x, conv = node.x, strips.convolution_of(node)
    windows = (
        *window_fields(x, node.y, conv.kernel, node.options),
        ("dilation_h", conv.dilation[0]),
        ("dilation_w", conv.dilation[1]),
        ("input_zero_point", x.zero_point),
    )
    starts = _starts(node, conv)
    finding = _finding(node, conv, kernels.byte)
    forms = []
    for blocks in _blocks(node, kernels):
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


def _finding(node: Node, conv: strips.Convolution, byte: float) -> float:
    """Estimated cycles of finding windows, and of gathering those that reach beyond the image."""
    height, width = conv.output
    inside = [
        min(size, max(0, (length - kernel) // stride + 1))
        for size, length, kernel, stride in zip(
            conv.output, node.x.shape[1:3], conv.kernel, conv.stride, strict=True
        )
    ]
    gathered = height * width - (inside[0] * inside[1] if conv.dilation[1] == 1 else 0)
    each = conv.kernel[0] * (6.0 * byte + byte * conv.line)
    return conv.batches * (height * width * (60.0 + 15.0 * conv.kernel[0]) + gathered * each)


def _holds_dense(node: Node) -> bool:
    return scales_for(node) is not None


def _holds_windows(node: Node) -> bool:
    return not is_grouped(node) and _holds_dense(node)


def _holds_pixels(node: Node) -> bool:
    return strips.contiguous(node) is not None and _holds_windows(node)


def _row(
    op: str,
    name: str,
    forms: Callable[[Node, ThirdKernels], tuple[Form, ...]],
    holds: Callable[[Node], bool],
    kernels: ThirdKernels,
) -> Kernel:
    driver = f"{name}_s8_v6m"
    needs, ending = CORES[kernels]
    return Kernel(
        op,
        f"{driver}{ending}",
        "fwgen",
        lambda node: forms(node, kernels),
        needs,
        holds,
        lacks=LACKS,
        functions=(driver, *kernels.functions),
        types=TYPES,
    )


CORES = {SINGLE: (ARMV6M, ""), PAIRS: (ARMV7M, "_pairs")}
"""What cores of each kind have, and the ending of the rows for them."""

LACKS = frozenset({"dsp"})
"""What cores with faster kernels have. On those of Armv7-M without it a product of two words takes
a cycle for a pixel and a half, and MLA two cycles for one."""

_CONVOLUTIONS = tuple(
    _row("CONV_2D", name, forms, holds, kernels)
    for kernels in CORES
    for name, forms, holds in (
        ("matrix_pixels", _forms_pixels, _holds_pixels),
        ("conv_2d", _forms_windows, _holds_windows),
    )
)

KERNELS = (
    *_CONVOLUTIONS,
    *(
        _row("FULLY_CONNECTED", "matrix_pixels", _forms_dense, _holds_dense, kernels)
        for kernels in CORES
    ),
    *for_one_channel(_CONVOLUTIONS),
)
