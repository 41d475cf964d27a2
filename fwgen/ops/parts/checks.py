"""Checks and derivations that several operators share."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np

from fwgen.contract.operator import place
from fwgen.errors import ModelError
from fwgen.model.element import Element
from fwgen.model.fixed_point import quantize_multiplier, round_half_away
from fwgen.model.graph import ABSENT, Graph, Op, Tensor

INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1


class Activation(IntEnum):
    """The members of the schema's ``ActivationFunctionType`` that a clamp expresses."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3


def require(condition: bool, what: str, graph: Graph, op: Op, tries: tuple[str, ...] = ()) -> None:
    """Raise ModelError with the sentence ``what`` naming the op, unless ``condition`` holds."""
    if not condition:
        raise ModelError(what, at=place(graph, op), tries=tries)


def require_per_tensor(tensor: Tensor, graph: Graph, op: Op) -> None:
    """Require one scale and one zero point."""
    quant = tensor.quant
    require(
        quant is not None and not quant.per_channel,
        f"Tensor {tensor.index} needs one scale and zero point, but has "
        f"{0 if quant is None else len(quant.scales)}.",
        graph,
        op,
    )


def require_symmetric(tensor: Tensor, graph: Graph, op: Op) -> None:
    """Require a zero point of 0 of an int16 tensor, as TFLite's specification does."""
    quant = tensor.quant
    require(
        tensor.dtype is not Element.S16 or quant is None or not any(quant.zero_points),
        f"Tensor {tensor.index} is int16 with a zero point other than 0.",
        graph,
        op,
    )


def require_operands(graph: Graph, op: Op, least: int, most: int, *, elements: bool = True) -> None:
    """Require one output and between ``least`` and ``most`` inputs, the first ``least`` present.

    Require ``elements`` in all of them, unless an operand is the shape of a scalar.
    """
    require(
        len(op.inputs) <= most,
        f"{op.code} takes at most {most} input{'s' * (most > 1)}, but has {len(op.inputs)}.",
        graph,
        op,
    )
    needed = f"{least}" if least == most else f"{least} to {most}"
    absent = [i for i in range(least) if graph.operand(op, i) is None]
    require(
        not absent,
        f"{op.code} needs {needed} input{'s' * (most > 1)}, but has {len(op.inputs)}"
        + (
            f", of which input {absent[0]} is absent."
            if absent and absent[0] < len(op.inputs)
            else "."
        ),
        graph,
        op,
    )
    require(len(op.outputs) == 1, f"{op.code} needs one output, not {len(op.outputs)}.", graph, op)
    for tensor in (graph.tensors[t] for t in op.inputs if elements and t != ABSENT):
        require(tensor.elements > 0, f"Tensor {tensor.index} has no elements.", graph, op)


def require_shape(tensor: Tensor, shape: tuple[int, ...], graph: Graph, op: Op) -> None:
    """Require that ``tensor`` has exactly ``shape``."""
    require(
        tensor.shape == shape,
        f"Tensor {tensor.index} has shape {list(tensor.shape)}, expected {list(shape)}.",
        graph,
        op,
    )


def same_quant(a: Tensor, b: Tensor) -> bool:
    """Whether both are quantized, with the same scales and zero points."""
    if a.quant is None or b.quant is None:
        return False
    return (a.quant.scales, a.quant.zero_points) == (b.quant.scales, b.quant.zero_points)


def require_same_quant(a: Tensor, b: Tensor, graph: Graph, op: Op) -> None:
    """Require equal scale and zero point, as for ops that move or compare raw values."""
    require(
        (a.scale, a.zero_point) == (b.scale, b.zero_point),
        f"{op.code} needs tensors {a.index} and {b.index} to have the same scale and zero point.",
        graph,
        op,
    )


def activation_range(activation: Activation, output: Tensor) -> tuple[int, int]:
    """The (min, max) of an output: of its fused activation, then of its limits."""
    low, high = activation_bounds(activation, output)
    if output.limits is not None:
        least, most = output.limits  # the second of two clamps has the last word
        low, high = min(max(low, least), most), min(max(high, least), most)
    return low, high


def activation_bounds(activation: Activation, tensor: Tensor) -> tuple[int, int]:
    """Quantized (min, max) of an activation in the scale and zero point of an integer tensor.

    Source: TFLite ``kernel_util.cc``, ``CalculateActivationRangeQuantized``: the bound divides by
    the scale in float32 and rounds half away from zero.
    """

    def quantized(real: float) -> int:
        return tensor.zero_point + round_half_away(
            float(np.float32(real) / np.float32(tensor.scale))
        )

    low, high = tensor.dtype.limits
    if activation is Activation.RELU:
        low = max(low, quantized(0.0))
    elif activation is Activation.RELU6:
        low, high = max(low, quantized(0.0)), min(high, quantized(6.0))
    elif activation is Activation.RELU_N1_TO_1:
        low, high = max(low, quantized(-1.0)), min(high, quantized(1.0))
    return low, high


def require_bound(real: float, tensor: Tensor, graph: Graph, op: Op) -> None:
    """Require that ``real`` >= 0 as a multiple of the tensor's scale fits in 32 bits."""
    require(
        real / tensor.scale < INT32_MAX - 256,
        f"The scale {tensor.scale:g} of tensor {tensor.index} is too small to express {real:g}.",
        graph,
        op,
    )


def check_activation_code(code: int, graph: Graph, op: Op) -> None:
    """Require a fused activation that a clamp of the quantized output expresses in 32 bits."""
    require(
        code in tuple(Activation),
        f"{op.code} has fused activation {code}; fwgen supports none, ReLU, ReLU6 and "
        "ReLU_N1_TO_1.",
        graph,
        op,
    )
    bound = {Activation.RELU6: 6.0, Activation.RELU_N1_TO_1: 1.0}.get(Activation(code), 0.0)
    require_bound(bound, graph.output(op), graph, op)


def require_rank(tensor: Tensor, rank: int, graph: Graph, op: Op) -> None:
    """Require ``rank`` dimensions."""
    require(
        len(tensor.shape) == rank,
        f"Tensor {tensor.index} has {len(tensor.shape)} dimensions, expected {rank}.",
        graph,
        op,
    )


def require_factors(factors: Iterable[float], graph: Graph, op: Op) -> None:
    """Require real multipliers that a multiplier and a shift of at most 30 to the left express."""
    largest = max(factors)
    require(
        quantize_multiplier(largest)[1] <= 30,
        f"By its scales {op.code} multiplies by {largest:g}, more than the fixed point's 2**30.",
        graph,
        op,
    )


def require_normal(tensor: Tensor, graph: Graph, op: Op) -> None:
    """Require a scale whose multiples are normal float32 numbers, which no core flushes to zero."""
    require(
        tensor.scale >= 2.0**-126,
        f"The scale {tensor.scale:g} of tensor {tensor.index} is a subnormal number.",
        graph,
        op,
    )
