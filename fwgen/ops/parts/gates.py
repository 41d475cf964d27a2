"""The gates of an LSTM and what they do to its state: sizes, fixed-point factors, NumPy.

Source: TFLM ``lstm_eval.h`` and ``lstm_eval_common.cc``. All numbers between the products and the
output are int16: sums in units of 2**-12, activations in units of 2**-15.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import log2

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.model.fixed_point import Int64Array, quantize_multiplier, requantize
from fwgen.model.graph import Tensor
from fwgen.model.sigmoid_table import logistic16, scaled16, tanh16

SUM_SCALE, GATE_SCALE = 2.0**-12, 2.0**-15
"""What a unit of a gate's sum, and of its activation, is worth."""

HIDDEN, CELL = 18, 19
"""Places of the state among the inputs."""


class Gate(IntEnum):
    """The gates; the value is their place among weights and biases."""

    INPUT = 0
    FORGET = 1
    CELL = 2
    OUTPUT = 3

    @property
    def input_weights(self) -> int:
        """The place of the weights of the op's input."""
        return 1 + self

    @property
    def recurrent_weights(self) -> int:
        """The place of the weights of the hidden state."""
        return 5 + self

    @property
    def bias(self) -> int:
        """The place of the bias, which goes with the input."""
        return 12 + self


@dataclass(frozen=True)
class LstmSizes:
    """The sizes of an LSTM: input (batches, steps, depth), or (steps, batches, depth) where time
    is first; output the same of ``units``."""

    batches: int
    steps: int
    depth: int
    units: int
    time_first: bool

    @property
    def values(self) -> int:
        """Elements of the hidden state, of the cell state and of each gate."""
        return self.batches * self.units

    @property
    def is_output_whole(self) -> bool:
        """Whether what a step makes of all batches is in one piece."""
        return self.batches == 1 or self.steps == 1 or self.time_first

    @property
    def row_pitch(self) -> int:
        """Rows from a batch to the next of one step."""
        return 1 if self.time_first else self.steps

    @property
    def step_pitch(self) -> int:
        """Rows from a step to the next of one batch."""
        return self.batches if self.time_first else 1


def sizes_of(node: Node) -> LstmSizes:
    """The sizes by the shapes of input and output, both of rank 3."""
    first, second, depth = node.x.shape
    time_first = node.options.time_major
    batches, steps = (second, first) if time_first else (first, second)
    return LstmSizes(batches, steps, depth, node.y.shape[2], time_first)


Factor = tuple[int, int]
"""A real number as (multiplier, shift) of ``fixed_point.quantize_multiplier``."""


def sum_factor(x: Tensor, w: Tensor) -> Factor:
    """By what products of ``x`` and weights are multiplied to become a gate's sum."""
    return quantize_multiplier(x.scale * w.scale / SUM_SCALE)


def cell_factors(cell: Tensor) -> tuple[Factor, Factor]:
    """By what forget gate * cell, and input gate * cell gate, become a cell state."""
    kept = quantize_multiplier(GATE_SCALE * cell.scale / cell.scale)
    return kept, quantize_multiplier(GATE_SCALE * GATE_SCALE / cell.scale)


def hidden_factor(hidden: Tensor) -> Factor:
    """By what output gate * tanh of the cell state becomes a hidden state."""
    return quantize_multiplier(GATE_SCALE * GATE_SCALE / hidden.scale)


def tanh_factor(cell: Tensor) -> tuple[int, int]:
    """(multiplier, shift to the right) by which a cell state becomes what ``tanh16`` takes."""
    power = round(log2(cell.scale)) + 12
    return (3 << power, 0) if power >= 0 else (3, -power)


def cell_limits(node: Node) -> tuple[int, int]:
    """Least and greatest value of a cell state after a step: of its type, or clipped."""
    clip, cell = node.options.cell_clip, node.input(CELL)
    low, high = cell.dtype.limits
    limit = int(min(clip / cell.scale, high))
    return (-limit, limit) if clip > 0 else (low, high)


def lstm(node: Node, x: Array, hidden: Array, cell: Array) -> tuple[Array, Array, Array]:
    """The output, and hidden and cell state after all steps; the state may have any shape."""
    sizes, wide = sizes_of(node), np.int64
    rows = x.reshape(node.x.shape).astype(wide)
    by_step = rows if sizes.time_first else rows.swapaxes(0, 1)
    shape = sizes.batches, sizes.units
    h, c = hidden.reshape(shape).astype(wide), cell.reshape(shape).astype(wide)
    outputs = []
    for row in by_step:
        h, c = _step(node, row, h, c)
        outputs.append(h)
    y = np.stack(outputs, axis=0 if sizes.time_first else 1).astype(node.y.dtype.numpy)
    return (
        y,
        h.astype(hidden.dtype).reshape(hidden.shape),
        c.astype(cell.dtype).reshape(cell.shape),
    )


def _step(node: Node, x: Int64Array, h: Int64Array, c: Int64Array) -> tuple[Int64Array, Int64Array]:
    hidden, cell = node.input(HIDDEN), node.input(CELL)
    sums = {gate: _sum(node, gate, x, h) for gate in Gate}
    i, f, o = (
        logistic16(scaled16(sums[gate], 3, 0)) for gate in (Gate.INPUT, Gate.FORGET, Gate.OUTPUT)
    )
    g = tanh16(scaled16(sums[Gate.CELL], 3, 0))
    kept, new = cell_factors(cell)
    c = _short(requantize(f * c, *kept)) + _short(requantize(i * g, *new))
    c = np.clip(c, *cell_limits(node))
    squashed = tanh16(scaled16(c, *tanh_factor(cell)))
    h = requantize(squashed * o, *hidden_factor(hidden)) + hidden.zero_point
    return np.clip(h, *hidden.dtype.limits), c


def _sum(node: Node, gate: Gate, x: Int64Array, h: Int64Array) -> Int64Array:
    hidden, accumulator = node.input(HIDDEN), node.x.dtype.accumulator

    def scaled(rows: Int64Array, of: Tensor, w: Tensor, bias: Int64Array | int) -> Int64Array:
        products = (rows - of.zero_point) @ w.constant.astype(np.int64).T
        return _short(accumulator.rescale(products + bias, *sum_factor(of, w)))

    bias = node.input(gate.bias).constant.astype(np.int64)
    return _short(
        scaled(x, node.x, node.input(gate.input_weights), bias)
        + scaled(h, hidden, node.input(gate.recurrent_weights), 0)
    )


def _short(values: Int64Array) -> Int64Array:
    return np.clip(values, *Element.S16.limits)
