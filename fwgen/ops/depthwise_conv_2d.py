"""DEPTHWISE_CONV_2D: each input channel convolved by itself, into one or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fwgen.contract.call import Call, Params
from fwgen.contract.channels import ChannelRule
from fwgen.contract.kernel import OverlapLimit
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.graph import ABSENT, Tensor
from fwgen.ops.parts import checks, weighted_sums, weights
from fwgen.ops.parts.channel_rules import depthwise_rule
from fwgen.ops.parts.overlap import by_window
from fwgen.ops.parts.windows import ExplicitPadding, require_window, window_fields

TYPES = (*weights.TYPES, weights.S16_WIDE, weights.F32_ALL)


@dataclass(frozen=True)
class Options:
    """The schema's ``DepthwiseConv2DOptions``; sizes in elements."""

    padding: int | ExplicitPadding
    stride_h: int
    stride_w: int
    depth_multiplier: int
    activation: int
    dilation_h: int
    dilation_w: int


def read_options(fields: Fields) -> Options:
    return Options(
        padding=fields.i8(0),
        stride_w=fields.i32(1),
        stride_h=fields.i32(2),
        depth_multiplier=fields.i32(3),
        activation=fields.i8(4),
        dilation_w=fields.i32(5, 1),
        dilation_h=fields.i32(6, 1),
    )


def kernel_of(w: Tensor) -> tuple[int, int]:
    return w.shape[1], w.shape[2]


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=3)
    node.require(
        ABSENT not in node.inputs, "The bias is listed but absent, which TFLM does not survive."
    )
    options = node.options
    x, w, y = node.x, node.w, node.y
    for tensor in (x, w, y):
        checks.require_rank(node, tensor, 4)
    channels = w.shape[3]
    weights.check_scales(node, channels, 3)
    weights.require_bias(node, channels)
    node.require(
        w.shape[0] == 1 and channels == x.shape[3] * options.depth_multiplier,
        f"Weights of shape {list(w.shape)} do not go with an input of {x.shape[3]} channels and "
        f"depth multiplier {options.depth_multiplier}.",
    )
    require_window(node, x, y, kernel_of(w), channels, options)
    weights.require_sums_fit(node, w, 3)


def macs(node: Node) -> int:
    w, y = node.w, node.y
    return y.elements * w.shape[1] * w.shape[2]


def calls_reference(kernel: str, node: Node) -> tuple[Call, ...]:
    x, w, y = node.x, node.w, node.y
    options = node.options
    params = Params(
        "fw_depthwise_conv_2d_params",
        (
            *window_fields(x, y, kernel_of(w), options),
            ("depth_multiplier", options.depth_multiplier),
            ("dilation_h", options.dilation_h),
            ("dilation_w", options.dilation_w),
            *weights.integer_fields(node),
        ),
    )
    return (Call(f"fw_{kernel}", (params, *weights.operands(node, w.shape[3]))),)


def cost_reference(node: Node) -> float:
    w, y = node.w, node.y
    return 9.0 * macs(node) + (12.0 * w.shape[1] + 80.0) * y.elements


def overlap_reference(node: Node) -> OverlapLimit:
    x, w, y = node.x, node.w, node.y
    options = node.options
    steps = [(o // options.depth_multiplier, o + 1) for o in range(w.shape[3])]
    return OverlapLimit((by_window(x, y, kernel_of(w), options, steps),))


def fold(node: Node, values: Sequence[Array]) -> Array:
    sums = weighted_sums.convolved_by_channel(node, values[0], values[1], kernel_of(node.w))
    return weighted_sums.rescaled(node, sums, *values[2:])


def channels(node: Node) -> ChannelRule | None:
    by_itself = node.options.depth_multiplier == 1 and weights.are_plain(node)
    return depthwise_rule(node.options) if by_itself else None


OPERATOR = Operator(
    code=4,
    name="DEPTHWISE_CONV_2D",
    options=read_options,
    types=TYPES,
    misread={
        weights.S16_NARROW: "The bias is int32, but TFLM reads that of an int16 depthwise "
        "convolution as int64, whatever its type.",
        **weights.MISREAD_S8,
        **weights.MISREAD_S16,
    },
    check=check,
    macs=macs,
    channels=channels,
    clamps=True,
    plain=weights.are_plain,
    still=(1, 2),
    window=lambda node: kernel_of(node.w),
    reference=weights.reference_rows(
        "DEPTHWISE_CONV_2D", TYPES, calls_reference, cost_reference, overlap_reference
    ),
    fold=fold,
)
