"""UNIDIRECTIONAL_SEQUENCE_LSTM: a layer of LSTM over the steps of a sequence, with its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

from fwgen.contract.call import Constant
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, Types
from fwgen.model.sigmoid_table import ENTRIES, MOST_LEFT
from fwgen.ops.parts import checks
from fwgen.ops.parts.gates import CELL, GATE_SCALE, HIDDEN, SUM_SCALE, Gate, lstm, sizes_of
from fwgen.ops.parts.lstm_calls import LstmCalls
from fwgen.ops.parts.short_products import reference_call
from fwgen.ops.parts.short_sums import require_short_sums

TANH = 4
"""The schema's number of the only activation that TFLM has for the cell gate."""

ABSENT = {**dict.fromkeys(range(9, 12), "peepholes"), **dict.fromkeys((16, 17), "a projection")}
ABSENT |= dict.fromkeys(range(20, 24), "layer normalization")
"""What inputs there must not be would mean."""

LEAST_POWER, MOST_POWER = -27, MOST_LEFT - 12
"""Of the cell state's scale: with others, numbers would not fit in 32 bits."""


def types_of(x: Element) -> Types:
    """Input, weights, what must be absent, biases, that again, state, that again, output."""
    bias = (x.accumulator,) * 4
    return (x, *(Element.S8,) * 8, *(None,) * 3, *bias, None, None, x, Element.S16, None, x)


TYPES = tuple(map(types_of, (Element.S8, Element.S16)))

_F32 = Element.F32
HYBRID: Types = (
    *(_F32, *(Element.S8,) * 8, *(None,) * 3, *(_F32,) * 4),
    *(None, None, _F32, _F32, *(None,) * 4, _F32),
)
"""Of int8 weights alone, as conversion with dynamic ranges makes it."""


@dataclass(frozen=True)
class Options:
    """The schema's ``UnidirectionalSequenceLSTMOptions``."""

    activation: int
    cell_clip: float
    time_major: bool


def read_options(fields: Fields) -> Options:
    return Options(fields.i8(0), fields.f32(1), fields.flag(3))


def check(node: Node) -> None:
    options = node.options
    node.require(len(node.inputs) == 24, f"LSTM needs 24 inputs, but has {len(node.inputs)}.")
    for place, meaning in ABSENT.items():
        node.require(
            node.operand(place) is None,
            f"Input {place} gives the LSTM {meaning}, which TFLM does not have.",
            ("convert a Keras LSTM layer",),
        )
    for place in (p for p in range(24) if p not in ABSENT):
        node.require(node.operand(place) is not None, f"Input {place} of the LSTM is absent.")
    node.require(
        len(node.outputs) == 3, f"Inputs {HIDDEN} and {CELL} of an LSTM must be variables."
    )
    node.require(
        options.activation == TANH,
        f"The cell gate has activation {options.activation}, expected TANH, which is {TANH}.",
    )
    node.require(not np.isnan(options.cell_clip), "The clip of the cell state is no number.")
    _check_shapes(node)
    _check_scales(node)
    for gate in Gate:
        bias, hidden = node.input(gate.bias), node.input(HIDDEN)
        require_short_sums(node, node.x, node.input(gate.input_weights), bias, SUM_SCALE)
        require_short_sums(node, hidden, node.input(gate.recurrent_weights), None, SUM_SCALE)


def _check_shapes(node: Node) -> None:
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_rank(node, tensor, 3)
    checks.require_shape(node, y, (*x.shape[:2], y.shape[2]))
    sizes = sizes_of(node)
    for gate in Gate:
        checks.require_shape(node, node.input(gate.input_weights), (sizes.units, sizes.depth))
        checks.require_shape(node, node.input(gate.recurrent_weights), (sizes.units, sizes.units))
        checks.require_shape(node, node.input(gate.bias), (sizes.units,))
    checks.require_shape(node, node.input(HIDDEN), (sizes.batches, sizes.units))
    cell = node.input(CELL)
    node.require(
        cell.elements == sizes.values,
        f"The cell state (tensor {cell.index}) has {cell.elements} elements, expected "
        f"{sizes.batches} x {sizes.units}.",
    )


def _check_scales(node: Node) -> None:
    hidden, cell = node.input(HIDDEN), node.input(CELL)
    for tensor in (node.x, node.y, hidden, cell):
        checks.require_per_tensor(node, tensor)
        checks.require_symmetric(node, tensor)
    checks.require_factors(node, (GATE_SCALE * GATE_SCALE / hidden.scale,))
    power = log2(cell.scale)
    node.require(
        abs(power - round(power)) < 1e-3 and LEAST_POWER <= round(power) <= MOST_POWER,
        f"The cell state (tensor {cell.index}) has scale {cell.scale:g}, expected a power of two "
        f"from 2**{LEAST_POWER} to 2**{MOST_POWER}.",
    )


def macs(node: Node) -> int:
    sizes = sizes_of(node)
    return node.y.elements * len(Gate) * (sizes.depth + sizes.units)


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    return lstm(node, values[0], values[HIDDEN], values[CELL])


def forms_reference(node: Node) -> tuple[Form, ...]:
    made = LstmCalls(node, reference_call, Constant("sigmoids", ENTRIES))
    cycles = 6.0 * macs(node) + 150.0 * node.y.elements
    return (Form(made.all(), cycles, scratch_bytes=made.scratch_bytes),)


def _row(types: Types) -> Kernel:
    first = types[0]
    assert first is not None
    suffix = first.name.lower()
    pointwise = ("logistic_s16", "tanh_s16", "lstm_cell_s16", f"lstm_hidden_{suffix}")
    return Kernel(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        f"lstm_short_products_{suffix}",
        "reference",
        forms_reference,
        functions=(f"short_products_{suffix}", *pointwise, "copy", "strided_copy"),
        types=(types,),
    )


OPERATOR = Operator(
    code=44,
    name="UNIDIRECTIONAL_SEQUENCE_LSTM",
    options=read_options,
    types=TYPES,
    check=check,
    macs=macs,
    fold=fold,
    updates=(HIDDEN, CELL),
    misread={
        HYBRID: "TFLM reads int8 weights of a float32 LSTM as float32, beyond their end: quantize "
        "activations, too."
    },
    reference=tuple(map(_row, TYPES)),
)
