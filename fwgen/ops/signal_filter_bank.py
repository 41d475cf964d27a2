"""SIGNAL_FILTER_BANK: energies added up in overlapping bands, as TFLM's ``SignalFilterBank``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.kernel import one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields
from fwgen.model.element import Element
from fwgen.ops.parts.signal import (
    integers,
    refs,
    require_counts,
    require_vector,
    signal_operator,
)


@dataclass(frozen=True)
class Options:
    """The number of channels, which is that of the outputs."""

    channels: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "num_channels"))


def check(node: Node) -> None:
    require_counts(node, 6, 1)
    for tensor in (*node.operands(), node.y):
        require_vector(node, tensor)
    channels = node.options.channels
    require_vector(node, node.y, channels)
    weights, unweights = node.input(1), node.input(2)
    require_vector(node, unweights, weights.elements)
    for place in (3, 4, 5):
        tensor = node.input(place)
        require_vector(node, tensor, channels + 1)
        node.require(tensor.data is not None, f"Tensor {tensor.index} must be constant.")
    widths = node.input(5).constant.astype(np.int64)
    for tensor, room in ((node.input(3), node.x.elements), (node.input(4), weights.elements)):
        starts = tensor.constant.astype(np.int64)
        inside = (starts >= 0) & (starts + widths <= room)
        node.require(
            bool((inside | (widths <= 0)).all()),
            f"A band of tensor {tensor.index} is not among the {room} numbers that there are.",
        )


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLM ``signal/src/filter_bank.cc``; all is modulo 2**64."""
    energies = values[0].astype(np.uint64)
    weights, unweights = (value.astype(np.int64).view(np.uint64) for value in values[1:3])
    carried, found = np.uint64(0), []
    for start, at, width in zip(*(value.tolist() for value in values[3:]), strict=True):
        part, taps = slice(start, start + max(width, 0)), slice(at, at + max(width, 0))
        products = np.append(energies[part] * weights[taps], carried)
        found.append(products.sum(dtype=np.uint64))
        carried = (energies[part] * unweights[taps]).sum(dtype=np.uint64)
    return np.array(found[1:], np.uint64)


def calls(node: Node) -> tuple[Call, ...]:
    tensors = refs((*node.operands(), node.y))
    return (Call("fw_signal_filter_bank_u32", (*tensors, node.options.channels)),)


def cycles(node: Node) -> float:
    """20 for an energy in a band, and as many for a band, by the instructions of the loops."""
    widths = np.maximum(node.input(5).constant.astype(np.int64), 0)
    return 20.0 * int(widths.sum() + widths.size)


S16 = (Element.S16,) * 5
OPERATOR = signal_operator(
    "signal_filter_bank_u32",
    (Element.U32, *S16, Element.U64),
    read_options,
    check,
    fold,
    one_form(calls, cycles),
)
