"""Vector paths of int8 products and sums: no scale, bias or window is left to plain C on MVE."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.contract.call import Constant, each_call
from fwgen.contract.node import Node
from fwgen.kernels.providers import OWN, usable
from fwgen.ops.parts.weights import are_plain
from fwgen.ops.transpose_conv import as_weighted
from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.kernel_rows import Row, rows
from tests.kernels.row_cases import drawn_by, generators_of

FEATURES = load_board("corstone-300").cpu.features
DRAWN = 25
"""Ops of each generator."""


def is_vectored(node: Node) -> bool:
    """Whether a kernel of fwgen's own for MVE takes the op."""
    return any(row.needs for row in usable(node, FEATURES, OWN))


def in_usual_order(node: Node) -> Node:
    """The op with image, weights and bias as inputs 0, 1 and 2."""
    return as_weighted(node) if node.code == "TRANSPOSE_CONV" else node


PRODUCTS = [
    row
    for row in rows()
    if row.name in ("conv_2d_s8", "depthwise_conv_2d_s8", "fully_connected_s8", "transpose_conv_s8")
]


@pytest.mark.parametrize("row", PRODUCTS, ids=lambda row: row.operator)
def test_every_int8_product(row: Row) -> None:
    rng = np.random.default_rng(1)
    drawn = [drawn_by(g, rng) for g in generators_of(row) for _ in range(DRAWN)]
    nodes = [Node(d.graph, d.graph.ops[0]) for d in drawn if d is not None and row.holds(d.graph)]
    nodes = [node for node in nodes if are_plain(in_usual_order(node))]
    assert len(nodes) >= min(4, len(generators_of(row)) - 1) * DRAWN  # one may be of int16
    for node in nodes:
        assert is_vectored(node), f"{node.code} {node.x.shape} {node.options}"


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


@pytest.mark.parametrize(
    ("code", "shape", "bits"),
    [("FULLY_CONNECTED", (128, 640), 4.2), ("CONV_2D", (64, 1, 1, 64), 5.1)],
)
def test_weights_of_4_bits_take_half_the_flash(
    code: str, shape: tuple[int, ...], bits: float
) -> None:
    """Beside 12 bytes of parameters for each channel, two weights share a byte."""
    m = GraphBuilder()
    rows = (1, shape[-1]) if len(shape) == 2 else (1, 5, 5, shape[-1])
    values = np.random.default_rng(0).integers(-8, 8, shape)
    x = m.tensor(rows, scale=0.1)
    w = m.tensor(shape, scale=0.01, data=values)
    y = m.tensor((*rows[:-1], shape[0]), scale=0.5)
    more = {} if len(shape) == 2 else {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    m.op(code, [x, w], [y], fused_activation_function="NONE", **more)
    graph = m.build()
    node = Node(graph, graph.ops[0])
    packed = [
        arg.data.nbytes
        for row in usable(node, FEATURES, OWN)
        for call in each_call(row.forms(node)[0].calls)
        for arg in call.args
        if isinstance(arg, Constant) and arg.role == "weights"
    ]
    assert 8 * min(packed) <= bits * values.size
