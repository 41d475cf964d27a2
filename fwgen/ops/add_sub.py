"""What ADD and SUB have in common: operands brought to one scale, 20 fractional bits."""

from __future__ import annotations

from fwgen.model.graph import Graph, Op
from fwgen.ops import broadcast, checks
from fwgen.ops.checks import Activation, require
from fwgen.ops.operator import Call, Params, Ref
from fwgen.quant import quantize_multiplier

LEFT_SHIFT = 20

Multipliers = tuple[float, float, float]
"""Real multipliers of input 1, input 2 and their sum."""


def check_multipliers(multipliers: Multipliers, graph: Graph, op: Op) -> None:
    """Require ``multipliers`` between 0 and 1, both excluded.

    Source: TFLite ``quantization_util.cc``, ``QuantizeMultiplierSmallerThanOneExp``, which aborts
    on others. As quotients of float32 numbers they are at most 1 - 2**-24, so none rounds to 1.
    """
    for what, real in zip(("input 1", "input 2", "the output"), multipliers, strict=True):
        require(
            0.0 < real < 1.0,
            f"The scales of {op.code} give {what} a multiplier of {real:g}, "
            "expected one between 0 and 1.",
            graph,
            op,
        )


def call(function: str, graph: Graph, op: Op, multipliers: Multipliers) -> Call:
    """The call of ``fw_add_s8`` or ``fw_sub_s8``."""
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    (multiplier1, shift1), (multiplier2, shift2), (multiplier, shift) = map(
        quantize_multiplier, multipliers
    )
    low, high = checks.activation_range(Activation(broadcast.options_of(op).activation), y)
    params = Params(
        "fw_add_sub_params",
        (
            *broadcast.loop_fields(graph, op),
            ("input1_zero_point", a.zero_point),
            ("input1_multiplier", multiplier1),
            ("input1_shift", shift1),
            ("input2_zero_point", b.zero_point),
            ("input2_multiplier", multiplier2),
            ("input2_shift", shift2),
            ("output_multiplier", multiplier),
            ("output_shift", shift),
            ("output_zero_point", y.zero_point),
            ("activation_min", low),
            ("activation_max", high),
        ),
    )
    return Call(function, (params, Ref(a.index), Ref(b.index), Ref(y.index)))


def cost(graph: Graph, op: Op) -> float:
    return 115.0 * graph.output(op).elements
