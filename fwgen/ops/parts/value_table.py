"""Ops that map each value by itself to another: a table of 256 entries, made here.

The ops' files say what is in the table, by emulating exactly what TFLM computes for each element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Ref
from fwgen.contract.channels import ChannelRule, Reach, channelwise
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import S8_ALL, Element, Types
from fwgen.model.fixed_point import Int64Array, quantize_multiplier, requantize
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks
from fwgen.ops.parts.by_type import Definition
from fwgen.ops.parts.overlap import side_by_side


def values_of(element: Element) -> Int64Array:
    """The values of a type of 8 bits in the order of a table: by their bits, 0 is the first."""
    return np.arange(256, dtype=np.uint8).view(element.numpy).astype(np.int64)


VALUES = values_of(Element.S8)

Table = Callable[[Tensor, Tensor], Int64Array]
"""What the 256 ``VALUES`` of the input (first) become in the output, before it is clamped."""

Entries = npt.NDArray[np.generic]
"""What the 256 ``VALUES`` become."""

EntriesOf = Callable[[Node], Entries]


def check(node: Node, *, symmetric: bool = True) -> None:
    """Require one input and one output of the same shape, quantized by one scale each.

    Those of int16, of which no table is made, must have zero points of 0 where the op is
    ``symmetric``.
    """
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
        if symmetric:
            checks.require_symmetric(node, tensor)
    checks.require_shape(node, y, x.shape)


def rescale(x: Tensor, y: Tensor) -> Int64Array:
    """Every value of ``x`` in the scale and zero point of ``y``."""
    multiplier, shift = quantize_multiplier(x.scale / y.scale)
    return requantize(VALUES - x.zero_point, multiplier, shift) + y.zero_point


def require_scale(node: Node, integer_bits: int) -> None:
    """Require an input scale that ``scaled`` needs not shift to the right, or out of 64 bits."""
    least, most = 2.0 ** (integer_bits - 32), 2.0**30
    scale = node.x.scale
    node.require(
        least <= scale <= most, f"The input's scale is {scale:g}, expected {least:g} to {most:g}."
    )


def scaled(x: Tensor, integer_bits: int) -> tuple[Int64Array, Int64Array]:
    """Values of ``x`` as reals with ``integer_bits``; the sign of those that do not fit, else 0.

    Source: ``CalculateInputRadius`` in TFLite's ``quantization_util.cc`` and its use in the
    reference kernels of LOGISTIC and TANH.
    """
    multiplier, shift = quantize_multiplier(x.scale * (1 << (31 - integer_bits)))
    radius = (((1 << integer_bits) - 1) << (31 - integer_bits)) >> shift
    values = VALUES - x.zero_point
    # 0 itself does not fit where the radius is 0, and counts as negative
    outside = np.where(values <= -radius, -1, np.where(values >= radius, 1, 0))
    return requantize(np.where(outside == 0, values, 0), multiplier, shift), outside


def entries_by(table: Table) -> EntriesOf:
    """The entries of ops with ``table``."""

    def entries(node: Node) -> Entries:
        y = node.y
        return y.dtype.clamped(table(node.x, y))

    return entries


def cost(node: Node) -> float:
    return 5.0 * node.x.elements


def _calls(node: Node, entries: EntriesOf) -> tuple[Call, ...]:
    x, y = node.x, node.y
    return (
        Call(
            "fw_lookup_s8",
            (Constant("table", entries(node)), Ref(x.index), Ref(y.index), x.elements),
        ),
    )


def _channels(node: Node, entries: EntriesOf) -> ChannelRule:
    """Any table, monotone or not: the least and greatest entry between the input's bounds."""

    def reach(node: Node, inputs: Sequence[Reach]) -> Reach:
        low, high = Element.S8.limits
        by_value = np.roll(entries(node).astype(np.int64), -low)  # from the least on
        # row l, column h: over the values from l to h
        spans = np.broadcast_to(by_value, (len(VALUES), len(VALUES)))
        least = np.minimum.accumulate(np.where(np.tri(len(VALUES), k=-1), high, spans), axis=1)
        most = np.maximum.accumulate(np.where(np.tri(len(VALUES), k=-1), low, spans), axis=1)
        span = inputs[0].low - low, inputs[0].high - low
        return Reach(least[span], most[span])

    return channelwise(reach)


def lookup_row(op: str, entries: EntriesOf, types: tuple[Types, ...] = (S8_ALL,)) -> Kernel:
    """The reference row of an op with ``entries``: the kernel that looks up every element.

    The ``types`` have 8 bits.
    """
    return Kernel(
        op,
        "lookup_s8",
        "reference",
        one_form(lambda node: _calls(node, entries), cost, side_by_side),
        types=types,
    )


def lookup_fold(entries: EntriesOf) -> Callable[[Node, Sequence[Array]], Array]:
    """``Operator.fold`` of an op with ``entries``."""

    def fold(node: Node, values: Sequence[Array]) -> Array:
        return entries(node)[values[0].view(np.uint8)]

    return fold


def definition(op: str, entries: EntriesOf) -> Definition:
    """The meaning of an op for int8."""
    return Definition(
        lookup_row(op, entries), lookup_fold(entries), lambda node: _channels(node, entries)
    )


def lookup_operator(
    code: int | None, name: str, check: Callable[[Node], None], entries: EntriesOf
) -> Operator:
    """An operator that is nothing but a table; ``check`` begins with this module's."""
    return Operator(
        code,
        name,
        no_options,
        check,
        (lookup_row(name, entries),),
        channels=lambda node: _channels(node, entries),
        fold=lookup_fold(entries),
        elementwise=True,
        types=(S8_ALL,),
    )
