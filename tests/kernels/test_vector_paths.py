"""Vector paths of int8 products and sums: no scale, bias or window is left to plain C on MVE."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.contract.node import Node
from fwgen.kernels.providers import OWN, usable
from fwgen.ops.parts.weights import is_grouped
from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.kernel_rows import Row, rows
from tests.kernels.row_cases import drawn_by, generators_of

FEATURES = load_board("corstone-300").cpu.features
DRAWN = 25
"""Ops of each generator."""


def is_vectored(node: Node) -> bool:
    """Whether a kernel of fwgen's own for MVE takes the op."""
    return any(row.needs for row in usable(node, FEATURES, OWN))


PRODUCTS = [
    row
    for row in rows()
    if row.name in ("conv_2d_s8", "depthwise_conv_2d_s8", "fully_connected_s8")
]


@pytest.mark.parametrize("row", PRODUCTS, ids=lambda row: row.operator)
def test_every_int8_product(row: Row) -> None:
    rng = np.random.default_rng(1)
    drawn = [drawn_by(g, rng) for g in generators_of(row) for _ in range(DRAWN)]
    nodes = [Node(d.graph, d.graph.ops[0]) for d in drawn if d is not None and row.holds(d.graph)]
    assert len(nodes) > 4 * DRAWN
    for node in nodes:
        grouped = node.code == "CONV_2D" and is_grouped(node)
        assert is_vectored(node) or grouped, f"{node.code} {node.x.shape} {node.options}"


@pytest.mark.parametrize(
    "scales", [(0.299053, 0.247018, 0.35372), (0.0456332, 0.087118, 0.0886704), (0.1, 1e-4, 0.2)]
)
@pytest.mark.parametrize("code", ["ADD", "SUB"])
def test_sums_of_scales_that_no_weights_fit(code: str, scales: tuple[float, ...]) -> None:
    m = GraphBuilder()
    tensors = [m.tensor((1, 4, 4, 16), scale=scale, zero_point=8) for scale in scales]
    m.op(code, tensors[:2], [tensors[2]], fused_activation_function="NONE")
    graph = m.build()
    assert is_vectored(Node(graph, graph.ops[0]))
