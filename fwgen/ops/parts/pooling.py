"""The common part of pooling ops: all of AVERAGE_POOL_2D and MAX_POOL_2D but their arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.channels import ChannelRule, channelwise
from fwgen.contract.kernel import OverlapLimit
from fwgen.contract.node import Node
from fwgen.contract.operator import Fields
from fwgen.ops.parts import checks
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.overlap import borders, by_window
from fwgen.ops.parts.reach import clamped
from fwgen.ops.parts.windows import ExplicitPadding, require_window, window_fields

MOST_WINDOW = 1 << 23
"""Elements of a window: a 32-bit sum of as many int8 values cannot overflow."""

SCALE_ERROR = 1e-6
"""Largest difference of input and output scale, as TFLM's ``PoolingPrepare`` has it."""


@dataclass(frozen=True)
class Options:
    """The schema's ``Pool2DOptions``; sizes in elements."""

    padding: int | ExplicitPadding
    stride_h: int
    stride_w: int
    kernel_h: int
    kernel_w: int
    activation: int
    dilation_h: int = 1
    dilation_w: int = 1


def read_options(fields: Fields) -> Options:
    return Options(
        padding=fields.i8(0),
        stride_w=fields.i32(1),
        stride_h=fields.i32(2),
        kernel_w=fields.i32(3),
        kernel_h=fields.i32(4),
        activation=fields.i8(5),
    )


def kernel_of(node: Node) -> tuple[int, int]:
    options = node.options
    return options.kernel_h, options.kernel_w


def channels(node: Node) -> ChannelRule | None:
    """A mean or maximum of values of a channel is between its least and greatest."""
    activation, y = node.options.activation, node.y
    return channelwise(lambda node, inputs: clamped(inputs[0], activation, y))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    options = node.options
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
        checks.require_rank(node, tensor, 4)
    node.require(
        abs(x.scale - y.scale) <= SCALE_ERROR and x.zero_point == y.zero_point,
        f"{node.code} needs tensors {x.index} and {y.index} to have the same scale and zero point.",
    )
    kernel = (options.kernel_h, options.kernel_w)
    require_window(node, x, y, kernel, x.shape[3], options)
    window = min(kernel[0], x.shape[1]) * min(kernel[1], x.shape[2])
    node.require(
        window <= MOST_WINDOW, f"The window has {window} elements, expected at most {MOST_WINDOW}."
    )


def calls_of(kernel: str) -> Callable[[Node], tuple[Call, ...]]:
    """The calls of the pooling kernel called ``kernel``."""

    def calls(node: Node) -> tuple[Call, ...]:
        x, y, options = node.x, node.y, node.options
        low, high = checks.activation_range(Activation(options.activation), y)
        params = Params(
            f"fw_{kernel}_params",
            (
                *window_fields(x, y, (options.kernel_h, options.kernel_w), options),
                ("activation_min", low),
                ("activation_max", high),
            ),
        )
        return (Call(f"fw_{kernel}", (params, Ref(x.index), Ref(y.index))),)

    return calls


def overlap_of(node: Node, steps: Sequence[tuple[int, int]]) -> OverlapLimit:
    """The overlap of a kernel that takes the same ``steps`` at each output pixel."""
    options = node.options
    kernel = options.kernel_h, options.kernel_w
    return OverlapLimit((by_window(node.x, node.y, kernel, options, steps),))


def overlap_reference(node: Node) -> OverlapLimit:
    """Channel by channel."""
    channels = borders(range(node.y.shape[3]))
    return overlap_of(node, [(c, c + 1) for c in channels])


def cost_reference(node: Node) -> float:
    height, width = kernel_of(node)
    return (6.0 * height * width + 8.0 * height + 25.0) * node.y.elements
