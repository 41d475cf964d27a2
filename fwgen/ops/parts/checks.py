"""Checks and derivations that several operators share."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np

from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.model.fixed_point import quantize_multiplier, round_half_away
from fwgen.model.graph import ABSENT, Tensor
from fwgen.model.schema import TENSOR_TYPES

INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1


class Activation(IntEnum):
    """The members of the schema's ``ActivationFunctionType`` that a clamp expresses."""

    NONE = 0
    RELU = 1
    RELU_N1_TO_1 = 2
    RELU6 = 3


def require_per_tensor(node: Node, tensor: Tensor) -> None:
    """Require one scale and one zero point."""
    quant = tensor.quant
    node.require(
        quant is not None and not quant.per_channel,
        f"Tensor {tensor.index} needs one scale and zero point, but has "
        f"{0 if quant is None else len(quant.scales)}.",
    )


def require_divisor(node: Node, tensor: Tensor) -> None:
    """Require that a constant by which an op divides is nowhere 0."""
    zero = 0 if tensor.quant is None else tensor.zero_point
    node.require(
        tensor.data is None or bool((tensor.data != zero).all()),
        f"Tensor {tensor.index} divides by 0.",
    )


def require_unquantized(node: Node, tensor: Tensor) -> None:
    """Require no scale of an int32 tensor: with one, TFLM stops in some ops on plain integers."""
    node.require(
        tensor.dtype is not Element.S32 or tensor.quant is None,
        f"Tensor {tensor.index} is int32 with a scale, with which TFLM has no {node.code}.",
    )


def require_symmetric(node: Node, tensor: Tensor) -> None:
    """Require a zero point of 0 of an int16 tensor, as TFLite's specification does."""
    quant = tensor.quant
    node.require(
        tensor.dtype is not Element.S16 or quant is None or not any(quant.zero_points),
        f"Tensor {tensor.index} is int16 with a zero point other than 0.",
        ("quantize int16 symmetrically, as TFLite's specification has it",),
    )


def require_operands(
    node: Node, least: int, most: int, *, elements: bool = True, outputs: int = 1
) -> None:
    """Require ``outputs`` and between ``least`` and ``most`` inputs, the first ``least`` present.

    Require ``elements`` in all of them, unless an operand is the shape of a scalar.
    """
    node.require(
        len(node.inputs) <= most,
        f"{node.code} takes at most {most} input{'s' * (most > 1)}, but has {len(node.inputs)}.",
    )
    needed = f"{least}" if least == most else f"{least} to {most}"
    absent = [i for i in range(least) if node.operand(i) is None]
    node.require(
        not absent,
        f"{node.code} needs {needed} input{'s' * (most > 1)}, but has {len(node.inputs)}"
        + (
            f", of which input {absent[0]} is absent."
            if absent and absent[0] < len(node.inputs)
            else "."
        ),
    )
    wanted = "one output" if outputs == 1 else f"{outputs} outputs"
    found = len(node.outputs)
    node.require(found == outputs, f"{node.code} needs {wanted}, not {found}.")
    for tensor in (node.tensors[t] for t in node.inputs if elements and t != ABSENT):
        node.require(tensor.elements > 0, f"Tensor {tensor.index} has no elements.")


def require_shape(node: Node, tensor: Tensor, shape: tuple[int, ...]) -> None:
    """Require that ``tensor`` has exactly ``shape``."""
    node.require(
        tensor.shape == shape,
        f"Tensor {tensor.index} has shape {list(tensor.shape)}, expected {list(shape)}.",
    )


def same_quant(a: Tensor, b: Tensor) -> bool:
    """Whether both are quantized, with the same scales and zero points."""
    if a.quant is None or b.quant is None:
        return False
    return (a.quant.scales, a.quant.zero_points) == (b.quant.scales, b.quant.zero_points)


def require_same_quant(node: Node, a: Tensor, b: Tensor) -> None:
    """Require equal scale and zero point, as for ops that move or compare raw values."""
    node.require(
        (a.scale, a.zero_point) == (b.scale, b.zero_point),
        f"{node.code} needs tensors {a.index} and {b.index} to have the same scale and zero point.",
    )


def activation_range(activation: Activation, output: Tensor) -> tuple[int, int]:
    """The (min, max) of an output: of its fused activation, then of its limits."""
    low, high = activation_bounds(activation, output)
    if output.limits is not None:
        least, most = output.limits  # the second of two clamps has the last word
        low, high = min(max(low, least), most), min(max(high, least), most)
    return low, high


def clamp_of(node: Node) -> tuple[int, int]:
    """``activation_range`` of an op whose options have a fused ``activation``."""
    return activation_range(Activation(node.options.activation), node.y)


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


def require_bound(node: Node, real: float, tensor: Tensor) -> None:
    """Require that ``real`` >= 0 as a multiple of the tensor's scale fits in 32 bits."""
    node.require(
        real / tensor.scale < INT32_MAX - 256,
        f"The scale {tensor.scale:g} of tensor {tensor.index} is too small to express {real:g}.",
    )


def require_raw(node: Node, a: Tensor, b: Tensor) -> None:
    """Require equal scale and zero point of int8 that an op moves, or none of both tensors.

    TFLM takes a tensor without a scale as one with scale 0 and zero point 0.
    """
    if a.dtype is not Element.S8 or (a.quant is None and b.quant is None):
        return
    for tensor in (a, b):
        require_per_tensor(node, tensor)
    require_same_quant(node, a, b)


def require_type_code(node: Node, code: int) -> None:
    """Require an option to be the number of an element type, also where nothing goes by it.

    Source: TFLite ``flatbuffer_conversions.cc``, ``ConvertTensorType``.
    """
    node.require(
        0 <= code < len(TENSOR_TYPES), f"The options have an unknown element type, {code}."
    )


def require_activation(node: Node, code: int) -> None:
    """Require a fused activation that is a clamp."""
    node.require(
        code in tuple(Activation),
        f"{node.code} has fused activation {code}; fwgen supports none, ReLU, ReLU6 and "
        "ReLU_N1_TO_1.",
    )


def check_activation_code(node: Node, code: int) -> None:
    """Require a fused activation that a clamp of the quantized output expresses in 32 bits."""
    require_activation(node, code)
    if node.y.dtype is Element.F32:
        return
    bound = {Activation.RELU6: 6.0, Activation.RELU_N1_TO_1: 1.0}.get(Activation(code), 0.0)
    require_bound(node, bound, node.y)


def require_rank(node: Node, tensor: Tensor, rank: int) -> None:
    """Require ``rank`` dimensions."""
    node.require(
        len(tensor.shape) == rank,
        f"Tensor {tensor.index} has {len(tensor.shape)} dimensions, expected {rank}.",
    )


def require_factors(node: Node, factors: Iterable[float]) -> None:
    """Require real multipliers that a multiplier and a shift of at most 30 to the left express."""
    largest = max(factors)
    node.require(
        quantize_multiplier(largest)[1] <= 30,
        f"By its scales {node.code} multiplies by {largest:g}, more than the fixed point's 2**30.",
    )


def require_normal(node: Node, tensor: Tensor) -> None:
    """Require a scale whose multiples are normal float32 numbers, which no core flushes to zero."""
    node.require(
        tensor.scale >= 2.0**-126,
        f"The scale {tensor.scale:g} of tensor {tensor.index} is a subnormal number.",
    )
