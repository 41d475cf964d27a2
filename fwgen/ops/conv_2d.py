"""CONV_2D: NHWC convolution with per-channel or per-tensor weights and a fused clamp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fwgen.contract.call import Call, Params
from fwgen.contract.channels import ChannelRule
from fwgen.contract.kernel import OverlapLimit
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks, weighted_sums, weights
from fwgen.ops.parts.channel_rules import mixing_rule
from fwgen.ops.parts.overlap import by_window
from fwgen.ops.parts.reach import outside_taps
from fwgen.ops.parts.windows import ExplicitPadding, require_window, window_fields

TYPES = (*weights.TYPES, weights.S16_WIDE, weights.S16_NARROW, weights.F32_ALL)


@dataclass(frozen=True)
class Options:
    """The schema's ``Conv2DOptions``; sizes in elements."""

    padding: int | ExplicitPadding
    stride_h: int
    stride_w: int
    activation: int
    dilation_h: int
    dilation_w: int
    bias_type: int = 0


def read_options(fields: Fields) -> Options:
    return Options(
        padding=fields.i8(0),
        stride_w=fields.i32(1),
        stride_h=fields.i32(2),
        activation=fields.i8(3),
        dilation_w=fields.i32(4, 1),
        dilation_h=fields.i32(5, 1),
        bias_type=fields.i8(6),
    )


def kernel_of(w: Tensor) -> tuple[int, int]:
    return w.shape[1], w.shape[2]


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=3)
    checks.require_type_code(node, node.options.bias_type)
    x, w, y = node.x, node.w, node.y
    for tensor in (x, w, y):
        checks.require_rank(node, tensor, 4)
    channels, depth = w.shape[0], w.shape[3]
    weights.check_scales(node, channels, 0)
    weights.require_bias(node, channels)
    node.require(
        x.shape[3] % depth == 0 and channels % (x.shape[3] // depth) == 0,
        f"Weights of depth {depth} for {channels} channels do not divide an input of "
        f"{x.shape[3]} channels into groups.",
    )
    require_window(node, x, y, kernel_of(w), channels, node.options)
    weights.require_sums_fit(node, w, 0)


def macs(node: Node) -> int:
    w, y = node.w, node.y
    return y.elements * (w.elements // w.shape[0])


def calls_reference(kernel: str, node: Node) -> tuple[Call, ...]:
    x, w, y = node.x, node.w, node.y
    options = node.options
    params = Params(
        "fw_conv_2d_params",
        (
            *window_fields(x, y, kernel_of(w), options),
            ("kernel_c", w.shape[3]),
            ("dilation_h", options.dilation_h),
            ("dilation_w", options.dilation_w),
            *weights.integer_fields(node),
        ),
    )
    return (Call(f"fw_{kernel}", (params, *weights.operands(node, w.shape[0]))),)


def cost_reference(node: Node) -> float:
    w, y = node.w, node.y
    taps = y.elements * w.shape[1] * w.shape[2]
    return 7.0 * macs(node) + 18.0 * taps + 110.0 * y.elements


def overlap_reference(node: Node) -> OverlapLimit:
    """A window is read again for each output channel, from the first input channel of its group."""
    x, w, y = node.x, node.w, node.y
    depth, channels = w.shape[3], w.shape[0]
    group = channels // (x.shape[3] // depth)
    ends = range(group, channels + 1, group)
    steps = [(end // group * depth - depth, end - left) for end in ends for left in (1, 0)]
    return OverlapLimit((by_window(x, y, kernel_of(w), node.options, steps),))


def fold(node: Node, values: Sequence[Array]) -> Array:
    sums = weighted_sums.convolved(node, values[0], values[1], kernel_of(node.w))
    return weighted_sums.rescaled(node, sums, *values[2:])


def channels(node: Node) -> ChannelRule | None:
    x, w, options = node.x, node.w, node.options
    if x.shape[3] != w.shape[3] or not weights.are_plain(node):
        return None  # groups tie channels together in ways that no mask expresses
    return mixing_rule(options.activation, lambda node: outside_taps(x, kernel_of(w), options))


OPERATOR = Operator(
    code=3,
    name="CONV_2D",
    options=read_options,
    types=TYPES,
    misread=weights.MISREAD_S8,
    check=check,
    macs=macs,
    channels=channels,
    clamps=True,
    plain=weights.are_plain,
    still=(1, 2),
    window=lambda node: kernel_of(node.w),
    reference=weights.reference_rows(
        "CONV_2D", TYPES, calls_reference, cost_reference, overlap_reference
    ),
    fold=fold,
)
