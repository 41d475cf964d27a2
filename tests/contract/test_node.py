"""The view of an op with its tensors."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.contract.node import Node
from fwgen.errors import ModelError
from fwgen.model.element import Element
from tests.tflite_models import ModelBuilder
from tests.tflite_models.tflm import load


def dense() -> Node:
    """A FULLY_CONNECTED whose bias is listed but absent."""
    m = ModelBuilder()
    x, y = m.tensor((1, 4), scale=0.1), m.tensor((1, 2), scale=0.2)
    w = m.tensor((2, 4), scale=0.3, data=np.ones((2, 4), np.int8))
    m.op("FULLY_CONNECTED", [x, w, None], [y])
    graph = load(m.build())
    return Node(graph, graph.ops[0])


def test_tensors_are_at_hand() -> None:
    node = dense()
    assert (node.x.shape, node.w.shape, node.y.shape) == ((1, 4), (2, 4), (1, 2))
    assert node.operand(2) is None and node.operand(3) is None
    assert [t.index for t in node.operands()] == [node.x.index, node.w.index]
    assert node.types == (Element.S8, Element.S8, None, Element.S8)


def test_an_error_names_the_file_and_the_op() -> None:
    node = dense()
    node.require(True, "Nothing is wrong.")
    with pytest.raises(ModelError) as caught:
        node.require(False, "The weights are not odd.", tries=("odd ones",))
    error = caught.value
    assert (error.what, error.at) == ("The weights are not odd.", "m: op 0 FULLY_CONNECTED")
    assert error.tries == ("odd ones",)
