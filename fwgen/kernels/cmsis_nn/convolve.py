"""CONV_2D by CMSIS-NN: ``arm_convolve_wrapper_s8``, which chooses among four ways by shape."""

from __future__ import annotations

from dataclasses import dataclass
from math import fmod, prod

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import (
    Core,
    bias_or_zeros,
    scratch_argument,
    sizes_fit,
    window_fields,
)
from fwgen.model.graph import Tensor
from fwgen.ops.parts import weights
from fwgen.ops.parts.overlap import borders
from fwgen.ops.parts.windows import WindowOptions, windows

KERNEL = "cmsis_convolve_s8"

MOST_KERNEL = 256
"""Columns of a kernel up to which the library's way for one row of pixels is looked at."""


@dataclass(frozen=True)
class Line:
    """A convolution along one axis: sizes of input, output and kernel, stride, padding before."""

    input: int
    output: int
    kernel: int
    stride: int
    before: int


@dataclass(frozen=True)
class Parts:
    """How the library's way for one row of pixels on MVE divides its outputs, see ``parts``.

    ``spare`` are input pixels after the last that it reads, not to use them.
    """

    left: int
    middle: int
    right: int
    spare: int


def parts(line: Line) -> Parts | None:
    """Outputs with padding at the left, with none, with padding at the right.

    None where the three numbers do not add up to the row: then the library convolves in its general
    way.
    """
    odd = _odd_padding(line)
    right = _padded(line.before + odd, line.stride)
    left = _padded(line.before, line.stride)
    middle = max(line.output - (right + left), 0)
    if left + middle + right != line.output:
        return None
    begin = line.stride * (left + middle) - line.before
    return Parts(left, middle, right, max(0, begin + line.kernel - 1 - line.input))


def _odd_padding(line: Line) -> int:
    """Padding at the right beyond that at the left, as C's remainder has it."""
    total = (line.output - 1) * line.stride + line.kernel - line.input
    return int(fmod(total, 2))


def _padded(padding: int, stride: int) -> int:
    return max(1, (padding + stride - 1) // stride) if padding else 0


def is_right(line: Line) -> bool:
    """Whether that way reads what a convolution is to read.

    That way copies one kernel less a pixel to the left of all padding at the right. This is too
    much where the stride is above 1 and more than one pixel of padding follows. It is an error
    where the window does not reach the last pixels.
    """
    odd = _odd_padding(line)
    total = (line.output - 1) * line.stride + line.kernel - line.input
    if 2 * line.before + odd != total or odd < 0 or line.kernel > line.input:
        return False
    if line.kernel > MOST_KERNEL:
        return False  # nobody has looked whether it is
    found = parts(line)
    if found is None:
        return True
    padding = found.right if odd else line.before
    ends = line.kernel - 1
    first, behind = found.left, found.left + found.middle
    for output in (*range(first), *borders(range(first, behind)), *range(behind, line.output)):
        begin = output * line.stride - line.before
        inside = [0 <= begin + k < line.input for k in range(line.kernel)]
        if output < found.left:
            # it has the padding and one kernel of pixels
            if any(begin + k >= line.kernel for k in range(line.kernel)):
                return False
        elif output < behind:
            if not all(inside):
                return False
        else:
            at = (output - found.left - found.middle) * line.stride
            if any(is_in != (at + k < ends) for k, is_in in enumerate(inside)):
                return False
            if at + line.kernel > ends + padding:
                return False
    return True


@dataclass(frozen=True)
class Shape:
    """What the library's choice depends on."""

    x: Tensor
    w: Tensor
    y: Tensor
    options: WindowOptions

    @property
    def before(self) -> tuple[int, int]:
        """Padding above and at the left."""
        _, height, width, _ = self.w.shape
        rows, columns = windows(self.x, (height, width), self.options)
        return rows.before, columns.before

    @property
    def lines(self) -> tuple[Line, Line]:
        """Rows and columns."""
        strides = self.options.stride_h, self.options.stride_w
        return (
            Line(self.x.shape[1], self.y.shape[1], self.w.shape[1], strides[0], self.before[0]),
            Line(self.x.shape[2], self.y.shape[2], self.w.shape[2], strides[1], self.before[1]),
        )

    @property
    def whole(self) -> bool:
        """Whether all input channels go into each output."""
        return self.x.shape[3] == self.w.shape[3]

    @property
    def is_1x1(self) -> bool:
        """Whether the library takes it for a product of matrices."""
        dilated = (self.options.dilation_h, self.options.dilation_w) != (1, 1)
        return self.before == (0, 0) and self.w.shape[1:3] == (1, 1) and not dilated

    @property
    def is_row(self) -> bool:
        """Whether the library takes it for a convolution of one row of pixels."""
        return (
            self.x.shape[1] == self.w.shape[1] == 1
            and self.options.dilation_w == 1
            and self.options.stride_w * self.x.shape[3] % 4 == 0
        )


def _shape(node: Node) -> Shape:
    return Shape(node.x, node.w, node.y, node.options)


def holds(node: Node, core: Core) -> bool:
    """Whether the way that the library takes is right for the op, and sizes are not too large.

    Of groups its release 7.0.0 asks for the scratch memory of a way that it does not take.
    """
    shape = _shape(node)
    if not sizes_fit(shape.x, shape.w, shape.y):
        return False
    if not shape.whole:
        return not shape.is_1x1 and not shape.is_row
    if shape.is_1x1:  # no padding after the input either, of which the library is not told
        return all((one.output - 1) * one.stride < one.input for one in shape.lines)
    if shape.is_row:
        rows, columns = shape.lines
        one = rows.output == 1 and rows.before == 0
        return one and (core is not Core.MVE or is_right(columns))
    return True


def scratch_bytes(shape: Shape, core: Core) -> int:
    """What ``arm_convolve_wrapper_s8_get_buffer_size`` returns."""
    if shape.is_1x1:
        return 0
    depth = shape.x.shape[3]
    taps = shape.w.shape[1] * shape.w.shape[2] * depth
    if core is not Core.MVE:
        return 2 * 2 * (-(-taps // 4) * 4)
    found = parts(shape.lines[1]) if shape.is_row else None
    if found is None:
        return 4 * (-(-taps // 16) * 16)
    line = shape.lines[1]
    after = found.right if _odd_padding(line) else line.before
    return depth * max(line.kernel + line.before, line.kernel - 1 + after)


def form(node: Node, limits: tuple[int, int], core: Core) -> Form:
    """The call."""
    shape = _shape(node)
    x, w, y = shape.x, shape.w, shape.y
    size = scratch_bytes(shape, core)
    multipliers, shifts = weights.multipliers(x, w, y, w.shape[0])
    params = Params(
        f"fw_{KERNEL}_params",
        (
            ("conv.input_offset", -x.zero_point),
            ("conv.output_offset", y.zero_point),
            *window_fields(node, shape.before, limits),
            ("scratch_bytes", size),
        ),
    )
    call = Call(
        f"fw_{KERNEL}",
        (
            params,
            Ref(x.index),
            Ref(w.index),
            weights.bias_argument(node) if shape.whole else bias_or_zeros(node, w.shape[0]),
            Constant("multiplier", multipliers),
            Constant("shift", shifts),
            scratch_argument(size),
            Ref(y.index),
        ),
        library_bytes=size,
    )
    found = parts(shape.lines[1]) if core is Core.MVE and shape.is_row else None
    spare = found.spare * x.shape[3] if found else 0
    return Form((call,), cycles(shape, core), size, reads_past_bytes=spare)


def cycles(shape: Shape, core: Core) -> float:
    """Estimate, fitted to measurements of the library."""
    pixels, channels = prod(shape.y.shape[:3]), shape.y.shape[3]
    copies = shape.w.shape[1] * shape.w.shape[2]
    depth = copies * shape.w.shape[3]
    groups = shape.x.shape[3] // shape.w.shape[3]
    gathered = not shape.is_1x1 and not (shape.is_row and core is Core.MVE)
    steps, left = (-(-depth // 16), 0) if core is Core.MVE else (depth, depth % 4)
    pixel, tap, byte, output, step, single = _COST[core]
    copied = groups * copies * (tap + byte * shape.w.shape[3]) if gathered else 0.0
    return pixels * (pixel + copied + channels * (output + step * steps + single * left)) + 1000.0


_COST = {
    # cycles per pixel, per tap that is copied, per byte of it, per output, per step of a sum, and
    # per product that is left over from steps of four
    Core.MVE: (6.0, 30.0, 0.16, 17.2, 2.6, 0.0),
    Core.DSP: (24.0, 80.0, 10.5, 46.0, 1.7, 3.0),
    Core.PLAIN: (0.0, 57.0, 10.7, 47.0, 4.0, 5.4),
}
