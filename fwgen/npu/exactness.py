"""Ops that Vela has an NPU compute otherwise than TFLM: left to the core, which does them exactly.

Found by comparing streams of Vela 5.2 with TFLM. FULLY_CONNECTED is not among them: its multipliers
differ in the last bits only, which ``fwgen.measure.verify.vela_rounding`` accounts for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from fwgen.contract.kernel import has_types
from fwgen.errors import ModelError
from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.ops import logistic, operators, tanh
from fwgen.ops.lookup import VALUES

Floats = npt.NDArray[np.float64]

_BROADCASTING = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")
_RESHAPES = ("EXPAND_DIMS", "RESHAPE", "SQUEEZE", "TRANSPOSE")
_FIRST_EXTRA_RANK = 5


def inexact_ops(graph: Graph) -> Mapping[int, str]:
    """Index -> why, of a graph's ops as read."""
    found = {}
    for op in graph.ops:
        for codes, differs, why in _RULES:
            if op.code in codes and _is_of_core(graph, op) and differs(graph, op):
                found[op.index] = f"Vela computes it otherwise than TFLM: {why}"
    return found


def _is_of_core(graph: Graph, op: Op) -> bool:
    """Whether it is quantized, of types that the core has; for others TFLM's arithmetic differs."""
    tensors = [graph.tensors[t] for t in (*op.inputs[:2], *op.outputs) if t != ABSENT]
    quantized = all(t.quant and t.quant.scales for t in tensors)
    return quantized and has_types(graph, op, operators()[op.code].types)


def _rescales(graph: Graph, op: Op) -> bool:
    return graph.input(op).quant != graph.output(op).quant


def _aligned_with_the_front(graph: Graph, op: Op) -> bool:
    """An operand of fewer dimensions beside one of more than the NPU has."""
    ranks = {len(graph.input(op, place).shape) for place in range(2)}
    return max(ranks) >= _FIRST_EXTRA_RANK and len(ranks) > 1


def _is_grouped_in_batches(graph: Graph, op: Op) -> bool:
    """A convolution whose filters see some of the input's channels, on several images."""
    x, w = graph.input(op), graph.input(op, 1)
    return len(x.shape) == len(w.shape) == 4 and x.shape[0] > 1 and x.shape[3] != w.shape[3]


def _has_another_shape(graph: Graph, op: Op) -> bool:
    """It broadcasts, and an operand is seen in another shape elsewhere, which Vela may take."""
    a, b = op.inputs[:2]
    if graph.tensors[a].shape == graph.tensors[b].shape:
        return False
    reshaping = (other for other in graph.ops if other.code in _RESHAPES)
    return any({a, b} & {*other.inputs[:1], *other.outputs} for other in reshaping)


def _in_real(function: Callable[[Floats], Floats]) -> Callable[[Graph, Op], bool]:
    """Whether rounding the function's real values gives other entries than TFLM's fixed point."""

    def differs(graph: Graph, op: Op) -> bool:
        x, y = graph.input(op), graph.output(op)
        try:
            exact = {"TANH": tanh, "LOGISTIC": logistic}[op.code].table(x, y)
        except (ModelError, ValueError, OverflowError):
            return False  # TFLM does not do it either
        values = VALUES.astype(np.float64)
        real = function((values - x.zero_point) * x.scale) / y.scale + y.zero_point
        limits = y.dtype.limits
        rounded = np.clip(np.floor(real + 0.5), *limits)
        return bool((np.clip(exact, *limits) != rounded).any())

    return differs


def _logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


_RULES: tuple[tuple[tuple[str, ...], Callable[[Graph, Op], bool], str], ...] = (
    (("RELU6",), _rescales, "TFLM does not rescale it"),
    (_BROADCASTING, _aligned_with_the_front, "it broadcasts along other dimensions"),
    (_BROADCASTING, _has_another_shape, "it may take an operand's other shape"),
    (("CONV_2D",), _is_grouped_in_batches, "groups get the filters of others"),
    (("TANH",), _in_real(np.tanh), "values halfway between two are rounded the other way"),
    (("LOGISTIC",), _in_real(_logistic), "values halfway between two are rounded the other way"),
)
"""(codes, which ops of them, why)."""
