"""FULLY_CONNECTED: rows of an input of any leading dimensions times constant weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import MVE, Form, Kernel, OverlapLimit, one_form
from fwgen.contract.operator import Fields, Operator
from fwgen.kernels.cmsis_nn import cores, dense
from fwgen.kernels.cmsis_nn.cores import Core
from fwgen.kernels.matrix import products
from fwgen.kernels.matrix.products import Pixels
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, weights
from fwgen.ops.parts.channel_rules import mixing_rule
from fwgen.ops.parts.channels import ChannelRule
from fwgen.ops.parts.checks import Activation, require
from fwgen.ops.parts.overlap import borders, nested_distance

BIAS_ERROR = 0.02
"""Largest difference of the bias' scale from input scale * weight scale, in output scales."""


@dataclass(frozen=True)
class Options:
    """The schema's ``FullyConnectedOptions``; ``keep_num_dims`` shows in the output's shape."""

    activation: int
    weights_format: int


def read_options(fields: Fields) -> Options:
    return Options(activation=fields.i8(0), weights_format=fields.i8(1))


def options_of(op: Op) -> Options:
    assert isinstance(op.options, Options)
    return op.options


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=2, most=3)
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    for tensor in (x, y):
        checks.require_per_tensor(tensor, graph, op)
    checks.require_rank(w, 2, graph, op)
    units, depth = w.shape
    weights.require_weights(x, w, y, units, 0, graph, op)
    weights.require_bias(graph, op, units)
    require(
        options_of(op).weights_format == 0,
        f"Weights format {options_of(op).weights_format} is not supported, only the default 0.",
        graph,
        op,
    )
    require(
        x.elements % depth == 0 and y.elements == x.elements // depth * units,
        f"Weights of shape {list(w.shape)} do not turn an input of shape {list(x.shape)} into an "
        f"output of shape {list(y.shape)}.",
        graph,
        op,
    )
    require(
        y.shape[-1:] == (units,),
        f"The last dimension of output shape {list(y.shape)} is not the number of units, {units}.",
        graph,
        op,
    )
    checks.check_activation_code(options_of(op).activation, graph, op)
    _check_bias_scale(graph, op)
    weights.require_sums_fit(w, 0, graph, op)


def _check_bias_scale(graph: Graph, op: Op) -> None:
    """Require what TFLM requires of the bias of per-tensor weights.

    Source: TFLite ``kernel_util.cc``, ``GetQuantizedConvolutionMultipler``.
    """
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    bias = graph.operand(op, 2)
    assert w.quant is not None
    if bias is None or w.quant.per_channel:
        return
    scale = 0.0 if bias.quant is None else bias.quant.scales[0]
    require(
        abs(x.scale * w.scale - scale) / y.scale <= BIAS_ERROR,
        f"The bias (tensor {bias.index}) has scale {scale:g}, expected that of the input times "
        f"that of the weights, {x.scale * w.scale:g}.",
        graph,
        op,
    )


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).elements * graph.input(op, 1).shape[1]


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    x, w, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    assert w.quant is not None
    units, depth = w.shape
    low, high = checks.activation_range(Activation(options_of(op).activation), y)
    multipliers, shifts = weights.multipliers(x, w, y, len(w.quant.scales))
    params = Params(
        "fw_fully_connected_s8_params",
        (
            ("rows", x.elements // depth),
            ("depth", depth),
            ("units", units),
            ("per_channel", int(w.quant.per_channel)),
            ("input_zero_point", x.zero_point),
            ("output_zero_point", y.zero_point),
            ("activation_min", low),
            ("activation_max", high),
        ),
    )
    return (
        Call(
            "fw_fully_connected_s8",
            (
                params,
                Ref(x.index),
                Ref(w.index),
                weights.bias_argument(graph, op),
                Constant("multiplier", multipliers),
                Constant("shift", shifts),
                Ref(y.index),
            ),
        ),
    )


def cost_reference(graph: Graph, op: Op) -> float:
    return 6.0 * macs(graph, op) + 80.0 * graph.output(op).elements


def clamp_of(graph: Graph, op: Op) -> tuple[int, int]:
    return checks.activation_range(Activation(options_of(op).activation), graph.output(op))


def rows_of(graph: Graph, op: Op) -> Pixels:
    units, depth = graph.input(op, 1).shape
    return Pixels(graph.input(op).elements // depth, depth, units)


def holds_matrix(graph: Graph, op: Op) -> bool:
    return products.holds_pixels(graph, op, rows_of(graph, op))


def forms_matrix(graph: Graph, op: Op) -> tuple[Form, ...]:
    return products.forms(graph, op, rows_of(graph, op), clamp_of(graph, op))


def forms_rows(graph: Graph, op: Op) -> tuple[Form, ...]:
    return products.forms_one_by_one(graph, op, rows_of(graph, op), clamp_of(graph, op))


def form_cmsis(graph: Graph, op: Op, core: Core) -> Form:
    return dense.form(graph, op, clamp_of(graph, op), core)


def overlap_reference(graph: Graph, op: Op) -> OverlapLimit:
    """A row is read again for each unit, the next when the row's last output is written."""
    rows = rows_of(graph, op)
    first = np.array(borders(range(rows.count)), dtype=np.int64)
    units = (0, 0), (rows.output_pitch - 1, rows.output_pitch)
    row = first * rows.input_pitch, first * rows.output_pitch
    return OverlapLimit((nested_distance(row, units),))


def channels(graph: Graph, op: Op) -> ChannelRule | None:
    if graph.input(op, 0).shape[-1:] != graph.input(op, 1).shape[1:]:
        return None  # a row is not the last axis of the input
    return mixing_rule(options_of(op).activation, lambda graph, op: np.zeros(1, bool))


def obstacle(graph: Graph, op: Op) -> str | None:
    return weights.large_scale(graph, op, graph.input(op, 1).shape[0])


OPERATOR = Operator(
    code=9,
    name="FULLY_CONNECTED",
    options=read_options,
    types=weights.TYPES,
    check=check,
    macs=macs,
    channels=channels,
    clamps=True,
    obstacle=obstacle,
    variants=(
        Kernel("matrix_s8_mve", "fwgen", forms_matrix, MVE, holds_matrix, types=weights.TYPES),
        Kernel("matrix_row_s8_mve", "fwgen", forms_rows, MVE, products.holds, types=weights.TYPES),
        Kernel(
            "fully_connected_s8",
            "reference",
            one_form(calls_reference, cost_reference, overlap_reference),
            types=weights.TYPES,
        ),
        *cores.rows("cmsis_fully_connected_s8", form_cmsis, dense.holds, *weights.TYPES),
    ),
)
