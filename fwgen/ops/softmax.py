"""SOFTMAX: logits along the last axis to probabilities in units of 1/256."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, Operator
from fwgen.model.element import S8_ALL
from fwgen.model.fixed_point import exp_of_negative, quantize_multiplier, requantize
from fwgen.ops.parts import checks
from fwgen.ops.parts.overlap import in_place

INTEGER_BITS = 5
"""Of the scaled differences: exp(-32) is nothing."""

MOST_DEPTH = 4095
"""Elements of a row: as many exponentials of 1.0 fit the sum's 12 integer bits."""


@dataclass(frozen=True)
class Options:
    """The schema's ``SoftmaxOptions``."""

    beta: float


def read_options(fields: Fields) -> Options:
    return Options(beta=fields.f32(0))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
    checks.require_shape(node, y, x.shape)
    node.require(len(x.shape) >= 1, "SOFTMAX of a scalar.")
    node.require(
        x.shape[-1] <= MOST_DEPTH,
        f"SOFTMAX over {x.shape[-1]} elements, expected at most {MOST_DEPTH}.",
    )
    node.require(
        (y.scale, y.zero_point) == (1 / 256, y.dtype.low),
        f"The output has scale {y.scale:g} and zero point {y.zero_point}, expected 1/256 and "
        f"{y.dtype.low}.",
    )
    beta = node.options.beta
    node.require(
        scaling(node) > 1.0,
        f"beta {beta:g} times the input's scale {x.scale:g} is {beta * x.scale:g}, expected more "
        "than 2**-26.",
    )


def scaling(node: Node) -> float:
    """Units of 2**-26 in beta times one quantization step, capped where one step is everything.

    Source: TFLite ``quantization_util.cc``, ``PreprocessSoftmaxScaling``.
    """
    real: float = node.options.beta * node.x.scale * (1 << (31 - INTEGER_BITS))
    return min(real, (1 << 31) - 1.0)


def radius(node: Node) -> int:
    """The largest difference that the reference scales. Source: ``CalculateInputRadius``."""
    _, shift = quantize_multiplier(scaling(node))
    return (((1 << INTEGER_BITS) - 1) << (31 - INTEGER_BITS)) >> shift


def exponentials(node: Node) -> npt.NDArray[np.int32]:
    """exp(-beta * scale * d) for d = 0, 1, ... as int32 in units of 2**-31.

    Ends where exponentials are so small that they add nothing to a sum and give nothing, or where
    the reference stops scaling differences (``CalculateInputRadius``).
    """
    multiplier, shift = quantize_multiplier(scaling(node))
    differences = np.arange(min(255, radius(node)) + 1, dtype=np.int64)
    values = exp_of_negative(requantize(-differences, multiplier, shift), INTEGER_BITS)
    # below half a unit of the sum's 2**-19, and with it of the output's 1/256
    return values[: int(np.flatnonzero(values >= 1 << 11)[-1]) + 1].astype(np.int32)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    table = exponentials(node)
    depth = x.shape[-1]
    params = Params(
        "fw_softmax_s8_params",
        (("rows", x.elements // depth), ("depth", depth), ("entries", len(table))),
    )
    return (
        Call(
            "fw_softmax_s8",
            (params, Constant("exponentials", table), Ref(x.index), Ref(y.index)),
        ),
    )


def cost_reference(node: Node) -> float:
    x = node.x
    return 30.0 * x.elements + 240.0 * (x.elements // x.shape[-1])


OPERATOR = Operator(
    code=25,
    name="SOFTMAX",
    options=read_options,
    types=(S8_ALL,),
    check=check,
    reference=(
        Kernel(
            "SOFTMAX",
            "softmax_s8",
            "reference",
            one_form(calls_reference, cost_reference, in_place),
            types=(S8_ALL,),
        ),
    ),
)
