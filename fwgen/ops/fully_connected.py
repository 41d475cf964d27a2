"""FULLY_CONNECTED: rows of an input of any leading dimensions times weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.channels import ChannelRule
from fwgen.contract.kernel import Kernel, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops.parts import checks, weighted_sums, weights
from fwgen.ops.parts.channel_rules import mixing_rule
from fwgen.ops.parts.overlap import FAR, borders, nested_distance

TYPES = (*weights.TYPES, weights.S16_WIDE, weights.S16_NARROW, weights.F32_ALL)

BIAS_ERROR = 0.02
"""Largest difference of the bias' scale from input scale * weight scale, in output scales."""


@dataclass(frozen=True)
class Options:
    """The schema's ``FullyConnectedOptions``; ``keep_num_dims`` shows in the output's shape."""

    activation: int
    weights_format: int
    bias_type: int = 0


def read_options(fields: Fields) -> Options:
    return Options(activation=fields.i8(0), weights_format=fields.i8(1), bias_type=fields.i8(4))


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=3)
    checks.require_type_code(node, node.options.bias_type)
    x, w, y = node.x, node.w, node.y
    checks.require_rank(node, w, 2)
    units, depth = w.shape
    weights.check_scales(node, units, 0)
    weights.require_bias(node, units)
    node.require(
        node.options.weights_format == 0,
        f"Weights format {node.options.weights_format} is not supported, only the default 0.",
    )
    node.require(
        x.elements % depth == 0 and y.elements == x.elements // depth * units,
        f"Weights of shape {list(w.shape)} do not turn an input of shape {list(x.shape)} into an "
        f"output of shape {list(y.shape)}.",
    )
    node.require(
        y.shape[-1:] == (units,),
        f"The last dimension of output shape {list(y.shape)} is not the number of units, {units}.",
    )
    checks.check_activation_code(node, node.options.activation)
    _check_bias_scale(node)
    weights.require_sums_fit(node, w, 0)


def _check_bias_scale(node: Node) -> None:
    """Require what TFLM requires of the bias of per-tensor weights.

    Source: TFLite ``kernel_util.cc``, ``GetQuantizedConvolutionMultipler``.
    """
    x, w, y = node.x, node.w, node.y
    bias = node.operand(2)
    if bias is None or w.quant is None or w.quant.per_channel:
        return
    scale = 0.0 if bias.quant is None else bias.quant.scales[0]
    node.require(
        abs(x.scale * w.scale - scale) / y.scale <= BIAS_ERROR,
        f"The bias (tensor {bias.index}) has scale {scale:g}, expected that of the input times "
        f"that of the weights, {x.scale * w.scale:g}.",
    )


def macs(node: Node) -> int:
    return node.y.elements * node.w.shape[1]


def calls_reference(kernel: str, node: Node) -> tuple[Call, ...]:
    x, w = node.x, node.w
    units, depth = w.shape
    scales = 1 if w.quant is None else len(w.quant.scales)
    params = Params(
        "fw_fully_connected_params",
        (
            ("rows", x.elements // depth),
            ("depth", depth),
            ("units", units),
            ("per_channel", int(scales > 1)),
            *weights.integer_fields(node),
        ),
    )
    return (Call(f"fw_{kernel}", (params, *weights.operands(node, scales))),)


def calls_offset(node: Node) -> tuple[Call, ...]:
    """With weights that have a zero point."""
    x, w, y = node.x, node.w, node.y
    low, high = checks.clamp_of(node)
    ((multiplier, shift),) = map(quantize_multiplier, weights.factors(x, w, y))
    fields = (
        ("rows", x.elements // w.shape[1]),
        ("depth", w.shape[1]),
        ("units", w.shape[0]),
        ("input_zero_point", x.zero_point),
        ("weights_zero_point", w.zero_point),
        ("output_zero_point", y.zero_point),
        ("multiplier", multiplier),
        ("shift", shift),
        ("activation_min", low),
        ("activation_max", high),
    )
    params = Params("fw_fully_connected_offset_params", fields)
    operands = (Ref(x.index), Ref(w.index), weights.bias_argument(node), Ref(y.index))
    return (Call("fw_fully_connected_offset_s8", (params, *operands)),)


def cost_reference(node: Node) -> float:
    return 6.0 * macs(node) + 80.0 * node.y.elements


def overlap_reference(node: Node) -> OverlapLimit:
    """A row is read again for each unit, the next when the row's last output is written."""
    units, depth = node.w.shape
    first = np.array(borders(range(node.x.elements // depth)), dtype=np.int64)
    outputs = (0, 0), (units - 1, units)
    row = first * depth, first * units
    return OverlapLimit((max(FAR, nested_distance(row, outputs) * node.x.dtype.bytes),))


def fold(node: Node, values: Sequence[Array]) -> Array:
    rows = weighted_sums.centred(node, values[0]).reshape(-1, node.w.shape[1])
    columns = values[1].T.astype(weighted_sums.summed_in(node))
    if weights.has_offset(node):
        columns -= node.w.zero_point
    start = np.zeros((len(rows), node.w.shape[0]), rows.dtype)
    sums = weighted_sums.plus_products(start, rows, columns)
    return weighted_sums.rescaled(node, sums, *values[2:])


def channels(node: Node) -> ChannelRule | None:
    if node.x.shape[-1:] != node.w.shape[1:] or not weights.are_plain(node):
        return None  # a row is not the last axis of the input
    return mixing_rule(node.options.activation, lambda node: np.zeros(1, bool))


OFFSET = Kernel(
    "FULLY_CONNECTED",
    "fully_connected_offset_s8",
    "reference",
    one_form(calls_offset, cost_reference, overlap_reference),
    holds=weights.has_offset,
    types=weights.TYPES,
)


OPERATOR = Operator(
    code=9,
    name="FULLY_CONNECTED",
    options=read_options,
    types=TYPES,
    misread={**weights.MISREAD_S8, **weights.MISREAD_S16},
    check=check,
    macs=macs,
    channels=channels,
    clamps=True,
    plain=weights.are_plain,
    still=(1, 2),
    reference=(
        *weights.reference_rows(
            "FULLY_CONNECTED", TYPES, calls_reference, cost_reference, overlap_reference
        ),
        OFFSET,
    ),
    fold=fold,
)
