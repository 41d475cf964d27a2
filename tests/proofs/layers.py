"""Layers of one output whose scale and sums are given, to ask the product which ones it takes."""

from __future__ import annotations

from collections.abc import Callable

from fwgen.contract.node import Node
from tests.kernels.graph_builder import GraphBuilder

SHIFTS = range(-31, 3)
"""All that multipliers have, up to some to the left that no kernel here takes."""

ZERO_POINTS = (-128, -1, 0, 127)

Layer = Callable[..., Node]


def dense(
    shift: int,
    bias: int = 0,
    zero_point: int = 0,
    weights: tuple[int, ...] = (1,),
    activations: str = "int8",
) -> Node:
    """A FULLY_CONNECTED with the effective scale 3/4 * 2**shift."""
    numbers = shift, bias, zero_point
    return _layer("FULLY_CONNECTED", numbers, (1, len(weights)), weights, activations)


def depthwise(shift: int, bias: int = 0, zero_point: int = 0, activation: str = "NONE") -> Node:
    """A DEPTHWISE_CONV_2D of one tap, with the same scale."""
    options: dict[str, object] = {
        "padding": "VALID",
        "stride_h": 1,
        "stride_w": 1,
        "depth_multiplier": 1,
    }
    options |= {"fused_activation_function": activation}
    return _layer(
        "DEPTHWISE_CONV_2D", (shift, bias, zero_point), (1, 1, 1, 1), (1,), "int8", **options
    )


def _layer(
    code: str,
    numbers: tuple[int, int, int],
    shape: tuple[int, ...],
    weights: tuple[int, ...],
    activations: str,
    **options: object,
) -> Node:
    shift, bias, zero_point = numbers
    m, scale = GraphBuilder(), 0.75 * 2.0**shift
    x = m.tensor(shape, activations, scale=1.0)
    w = m.tensor(shape, scale=scale, axis=len(shape) - 1 if options else 0, data=weights)
    b = m.tensor((1,), "int32", scale=scale, data=[bias])
    y = m.tensor((*shape[:-1], 1), activations, scale=1.0, zero_point=zero_point)
    m.op(code, [x, w, b], [y], **options)
    graph = m.build()
    return Node(graph, graph.ops[0])


def last(holds: Callable[[int], bool], least: int, most: int) -> int:
    """The greatest number for which ``holds``, which does for ``least`` and not for ``most``."""
    assert holds(least) and not holds(most)
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if holds(middle) else (least, middle)
    return least


def sums(takes: Callable[[int], bool], weights: int = 1) -> tuple[int, int]:
    """The least and the greatest sum of a layer that the product takes, by its bias.

    ``weights`` is their sum, none of them negative.
    """
    most = 1 << 30  # at which every kernel here has given up, but fwgen has not
    least = -last(lambda bias: takes(-bias), 0, most) - 128 * weights
    return least, last(takes, 0, most) + 127 * weights


def pair(code: str, shift: int = 0, zero_point: int = 0, dtype: str = "int8") -> Node:
    """An op of two values, of which the first has the scale 3/4 * 2**shift and others have 1."""
    m = GraphBuilder()
    x = m.tensor((1,), dtype, scale=0.75 * 2.0**shift)
    w = m.tensor((1,), dtype, scale=1.0)
    y = m.tensor((1,), dtype, scale=1.0, zero_point=zero_point)
    m.op(code, [x, w], [y])
    graph = m.build()
    return Node(graph, graph.ops[0])
