"""The weights of ops, constant or not, with their bias, their sums and reference rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Calls, Constant, Null, Ref
from fwgen.contract.kernel import Kernel, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.model.element import Element, Types
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.model.graph import ABSENT, Tensor
from fwgen.ops.parts.checks import clamp_of, require_factors, require_per_tensor, require_symmetric
from fwgen.ops.parts.float_clamp import bounds

TYPES: tuple[Types, ...] = ((Element.S8, Element.S8, Element.S32, Element.S8),)
"""Input, weights, bias and output of what fast kernels take."""

S16_WIDE: Types = (Element.S16, Element.S8, Element.S64, Element.S16)
"""int16 with sums of 64 bits."""

S16_NARROW: Types = (Element.S16, Element.S8, Element.S32, Element.S16)
"""int16 with sums of 32 bits."""

F32_ALL: Types = (Element.F32, Element.F32, Element.F32, Element.F32)
"""Float throughout, with sums in the order of the reference."""

_SUFFIXES = {TYPES[0]: "s8", S16_WIDE: "s16", S16_NARROW: "s16_s32", F32_ALL: "f32"}
"""Endings of the names of reference kernels."""


def short_bias(read: Element) -> str:
    """Why a bias of int16 is refused that TFLM takes and reads as another type."""
    return (
        f"The bias is int16, but TFLM reads it as {read.word}, beyond its end: store its numbers "
        f"as {read.word}."
    )


MISREAD_S8: Mapping[Types, str] = {
    (Element.S8, Element.S8, Element.S16, Element.S8): short_bias(Element.S32)
}
"""``Operator.misread`` of int8 with a bias of int16."""

MISREAD_S16: Mapping[Types, str] = {
    (Element.S16, Element.S8, Element.S16, Element.S16): short_bias(Element.S64)
}
"""That of int16 with a bias of int16."""

MOST_SUM = {Element.S32: (1 << 31) - 1, Element.S64: (1 << 47) - 1}
"""The largest sum that TFLM's rescaler of an accumulator takes."""

MOST_LEFT_OF_WIDE = 7
"""The largest shift that the rescaler of sums of 64 bits takes."""


def accumulator(node: Node) -> Element:
    """The type that products of inputs 0 and 1 are added up in: that of the bias.

    Of an int16 op without one it is what the op's ``bias_type`` says. Source: TFLM ``conv.cc``,
    ``fully_connected.cc`` and ``depthwise_conv.cc``.
    """
    bias, element = node.operand(2), node.x.dtype
    if bias is not None:
        return bias.dtype
    told = getattr(node.options, "bias_type", None)
    narrow = element is Element.S16 and told == Element.S32.code
    return Element.S32 if narrow else element.accumulator


def reference_rows(
    op: str,
    types: Sequence[Types],
    calls: Callable[[str, Node], Calls],
    cost: Callable[[Node], float],
    overlap: Callable[[Node], OverlapLimit],
) -> tuple[Kernel, ...]:
    """A row of plain C for each of ``types``; ``calls`` is given its name."""

    def row(one: Types) -> Kernel:
        name = f"{op.lower()}_{_SUFFIXES[one]}"
        return Kernel(
            op,
            name,
            "reference",
            one_form(partial(calls, name), cost, overlap),
            holds=lambda node: accumulator(node) is one[2] and not has_offset(node),
            types=(one,),
        )

    return tuple(map(row, types))


def are_plain(node: Node) -> bool:
    """Whether weights and bias, inputs 1 and 2, are constant and have no zero point: ``Operator.
    plain`` of ops that have them."""
    operands = (node.operand(place) for place in (1, 2))
    constant = all(t is None or t.data is not None for t in operands)
    integers = node.x.dtype is not Element.F32
    return constant and integers and (node.w.quant is None or not any(node.w.quant.zero_points))


def check_scales(node: Node, channels: int, axis: int) -> None:
    """Require of input, weights and output what makes an integer op exact; nothing of floats."""
    x, w, y = node.x, node.w, node.y
    if x.dtype is Element.F32:
        return
    for tensor in (x, y):
        require_per_tensor(node, tensor)
        require_symmetric(node, tensor)
    require_weights(node, x, w, y, channels, axis)


def integer_fields(node: Node) -> tuple[tuple[str, int], ...]:
    """The members of the kernels' structs that integers need, 0 of floats."""
    names = "input_zero_point", "output_zero_point", "activation_min", "activation_max"
    values: tuple[int, ...] = (0, 0, 0, 0)
    if node.x.dtype is not Element.F32:
        values = node.x.zero_point, node.y.zero_point, *clamp_of(node)
    return tuple(zip(names, values, strict=True))


def require_weights(node: Node, x: Tensor, w: Tensor, y: Tensor, channels: int, axis: int) -> None:
    """Require weights with zero point 0 and one scale, or one per channel along ``axis``.

    ``x`` and ``y`` are the op's quantized input and output, whose scales must go with the weights'.
    """
    quant = w.quant
    node.require(quant is not None, f"Weights (tensor {w.index}) are not quantized.")
    assert quant is not None
    node.require(
        not quant.per_channel or (len(quant.scales) == channels and quant.axis == axis),
        f"Weights (tensor {w.index}) have {len(quant.scales)} scales along axis {quant.axis}, "
        f"expected 1 or {channels} along axis {axis}.",
    )
    node.require(
        not any(quant.zero_points) or has_offset(node),
        f"Weights (tensor {w.index}) have a zero point other than 0.",
    )
    require_factors(node, factors(x, w, y))


def require_bias(node: Node, channels: int, position: int = 2) -> None:
    """Require an absent bias or one of ``channels`` elements; of 64 bits it must be constant."""
    bias = node.operand(position)
    if bias is None:
        return
    node.require(
        bias.data is not None or bias.dtype is Element.S32,
        f"Bias (tensor {bias.index}) of 64 bits must be constant.",
    )
    node.require(
        bias.elements == channels,
        f"Bias (tensor {bias.index}) has {bias.elements} elements, expected {channels}.",
    )


def bias_argument(node: Node, position: int = 2) -> Ref | Null:
    """The kernel argument for a bias that may be absent."""
    bias = node.operand(position)
    return Null() if bias is None else Ref(bias.index)


def require_sums_fit(node: Node, w: Tensor, axis: int) -> None:
    """Prove that no sum can overflow, nor what rescales it, whatever the input.

    A partial sum of a channel is at most sum|w| * max|x - zero_point| in magnitude, with its bias
    at most |bias| more. Channels are along ``axis`` of the weights ``w``. Weights that are not
    constant count as large as they can be. A bias that is not constant does not count: with it,
    sums of 32 bits wrap as in TFLM. That of a ``still`` channel does not count, either: the
    converter gives channels whose weights training made nearly 0 the largest bias that there is.
    """
    if node.x.dtype is Element.F32:
        return
    zero_point = node.x.zero_point
    (low, high), sums = node.x.dtype.limits, accumulator(node)
    most = MOST_SUM[sums]
    reach = max(high - zero_point, zero_point - low)
    bound = _magnitudes(w, axis) * reach
    bias = node.operand(2)
    if bias is not None and bias.data is not None:
        # what is beyond the limit stays beyond it
        added = np.abs(np.clip(bias.constant.astype(np.int64), -most - 1, most + 1)).reshape(-1)
        if sums is Element.S32:
            added[still(node.x, w, node.y, len(added))] = 0
        bound += added
    worst = int(bound.max())
    node.require(
        worst <= most,
        f"The sum of channel {int(bound.argmax())} can reach {worst}, more than a "
        f"{8 * sums.bytes}-bit accumulator holds ({most}).",
    )
    largest = max(factors(node.x, w, node.y))
    node.require(
        sums is not Element.S64 or quantize_multiplier(largest)[1] <= MOST_LEFT_OF_WIDE,
        f"By its scales {node.code} multiplies by {largest:g}, more than the 2**7 that sums of "
        "64 bits can be multiplied by.",
    )


def _magnitudes(w: Tensor, axis: int) -> npt.NDArray[np.int64]:
    """The sum of the magnitudes of each channel's weights, less their zero point."""
    channels = w.shape[axis]
    zero_point = 0 if w.quant is None or w.quant.per_channel else w.zero_point
    if w.data is None or zero_point:
        most = max(w.dtype.high - zero_point, zero_point - w.dtype.low)
        return np.full(channels, most * (w.elements // channels), np.int64)
    taps = np.moveaxis(w.constant, axis, 0).reshape(channels, -1)
    magnitudes = np.abs(taps).view(np.uint8)  # of the least value, too, in no more bytes
    found: npt.NDArray[np.int64] = magnitudes.sum(axis=1, dtype=np.int64)
    return found


def factors(x: Tensor, w: Tensor, y: Tensor) -> tuple[float, ...]:
    """By what a sum is multiplied to become an output: one real number per scale of ``w``.

    Double products of the float32 scales. Source: TFLite ``kernel_util.cc``,
    ``PopulateConvolutionQuantizationParams``; the tflite-micro package computes those of
    FULLY_CONNECTED in the same way, other than TFLM's sources before it.
    """
    assert w.quant is not None
    return tuple(x.scale * scale / y.scale for scale in w.quant.scales)


def still(x: Tensor, w: Tensor, y: Tensor, channels: int) -> npt.NDArray[np.bool_]:
    """Which channels have the output's zero point, clamped, whatever their sum is: their multiplier
    is 0, as of real numbers below 2**-32."""
    found: npt.NDArray[np.bool_] = multipliers(x, w, y, channels)[0] == 0
    return found


def multipliers(
    x: Tensor, w: Tensor, y: Tensor, channels: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """(multiplier, shift) of each of ``channels`` channels; a single scale is repeated for all
    channels."""
    pairs = [quantize_multiplier(factor) for factor in factors(x, w, y)]
    pairs *= channels // len(pairs)
    return (
        np.array([m for m, _ in pairs], dtype=np.int32),
        np.array([s for _, s in pairs], dtype=np.int32),
    )


def operands(node: Node, channels: int) -> tuple[Ref | Null | Constant, ...]:
    """The kernel arguments for input, weights, bias, multipliers and shifts, then the output.

    Floats have bounds of the output in the place of multipliers and shifts.
    """
    x, w, y = node.x, node.w, node.y
    if x.dtype is Element.F32:
        return (
            *(Ref(x.index), Ref(w.index), bias_argument(node)),
            *(Constant("bounds", bounds(node)), Ref(y.index)),
        )
    multiplier, shift = multipliers(x, w, y, channels)
    scaling = Constant("multiplier", multiplier), Constant("shift", shift)
    return (Ref(x.index), Ref(w.index), bias_argument(node), *scaling, Ref(y.index))


def has_offset(node: Node) -> bool:
    """Whether TFLM subtracts the zero point of the weights: of an int8 FULLY_CONNECTED with one.

    It ignores those of convolutions and of weights with a scale per channel. Source: TFLM
    ``fully_connected_common.cc`` and ``conv_common.cc``.
    """
    quant, of_s8 = node.w.quant, node.code == "FULLY_CONNECTED" and node.x.dtype is Element.S8
    return of_s8 and quant is not None and not quant.per_channel and any(quant.zero_points)


def is_grouped(node: Node) -> bool:
    """Whether a convolution's filters see some of the input's channels each."""
    return node.x.shape[3] != node.w.shape[3]


def weights_and_bias(node: Node) -> tuple[int, ...]:
    """The graph indices of inputs 1 and 2, less a bias that is absent."""
    return tuple(t for t in node.inputs[1:3] if t != ABSENT)
