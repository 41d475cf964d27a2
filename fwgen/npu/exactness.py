"""The exactness of ops on an NPU: those that Vela computes otherwise than TFLM are left to the
core.

Found by comparing streams of Vela 5.2 with TFLM. FULLY_CONNECTED is not among them: its multipliers
differ in the last bits only, which ``fwgen.measure.verify.vela_rounding`` accounts for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from fwgen.contract.kernel import has_types
from fwgen.contract.node import Node
from fwgen.errors import ModelError
from fwgen.model.graph import ABSENT, Graph
from fwgen.ops import logistic, operators, tanh
from fwgen.ops.parts.value_table import VALUES

Floats = npt.NDArray[np.float64]

_BROADCASTING = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")
_RESHAPES = ("EXPAND_DIMS", "RESHAPE", "SQUEEZE", "TRANSPOSE")
_FIRST_EXTRA_RANK = 5
_KEEPING = ("UNIDIRECTIONAL_SEQUENCE_LSTM",)


def inexact_ops(graph: Graph) -> Mapping[int, str]:
    """Index -> why, of a graph's ops as read."""
    found = {}
    for op in graph.ops:
        for codes, differs, why in _RULES:
            if op.code in codes and _is_of_core(Node(graph, op)) and differs(Node(graph, op)):
                found[op.index] = f"Vela computes it otherwise than TFLM: {why}"
    return found


def keeping_ops(graph: Graph) -> Mapping[int, str]:
    """Index -> why, of ops with a state of their own, which Vela compiles as if it had none."""
    return {op.index: "its state is kept by the core" for op in graph.ops if op.code in _KEEPING}


def _is_of_core(node: Node) -> bool:
    """Whether it is quantized, of types that the core has; for others TFLM's arithmetic differs."""
    tensors = [node.tensors[t] for t in (*node.inputs[:2], *node.outputs) if t != ABSENT]
    quantized = all(t.quant and t.quant.scales for t in tensors)
    return quantized and has_types(node, operators()[node.code].types)


def _rescales(node: Node) -> bool:
    return node.x.quant != node.y.quant


def _aligned_with_the_front(node: Node) -> bool:
    """An operand of fewer dimensions beside one of more than the NPU has."""
    ranks = {len(node.input(place).shape) for place in range(2)}
    return max(ranks) >= _FIRST_EXTRA_RANK and len(ranks) > 1


def _is_grouped_in_batches(node: Node) -> bool:
    """A convolution whose filters see some of the input's channels, on several images."""
    x, w = node.x, node.w
    return len(x.shape) == len(w.shape) == 4 and x.shape[0] > 1 and x.shape[3] != w.shape[3]


def _has_another_shape(node: Node) -> bool:
    """It broadcasts, and an operand is seen in another shape elsewhere, which Vela may take."""
    a, b = node.inputs[:2]
    if node.tensors[a].shape == node.tensors[b].shape:
        return False
    reshaping = (other for other in node.graph.ops if other.code in _RESHAPES)
    return any({a, b} & {*other.inputs[:1], *other.outputs} for other in reshaping)


def _in_real(function: Callable[[Floats], Floats]) -> Callable[[Node], bool]:
    """Whether rounding the function's real values gives other entries than TFLM's fixed point."""

    def differs(node: Node) -> bool:
        x, y = node.x, node.y
        try:
            exact = {"TANH": tanh, "LOGISTIC": logistic}[node.code].table(x, y)
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


_RULES: tuple[tuple[tuple[str, ...], Callable[[Node], bool], str], ...] = (
    (("RELU6",), _rescales, "TFLM does not rescale it"),
    (_BROADCASTING, _aligned_with_the_front, "it broadcasts along other dimensions"),
    (_BROADCASTING, _has_another_shape, "it may take an operand's other shape"),
    (("CONV_2D",), _is_grouped_in_batches, "groups get the filters of others"),
    (("TANH",), _in_real(np.tanh), "values halfway between two are rounded the other way"),
    (("LOGISTIC",), _in_real(_logistic), "values halfway between two are rounded the other way"),
)
"""Rows of (codes, a predicate that selects ops with such a code, the reason why Vela is inexact
for them)."""
