"""DEPTH_TO_SPACE: channels as blocks of an image."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.ops.parts import image_blocks


def fold(node: Node, values: Sequence[Array]) -> Array:
    n, h, w, _ = node.x.shape
    b, c = node.options.block, node.y.shape[3]
    blocks = values[0].reshape(n, h, w, b, b, c)
    return blocks.transpose(0, 1, 3, 2, 4, 5).reshape(node.y.shape)


OPERATOR = image_blocks.operator(5, "DEPTH_TO_SPACE", fold, into_space=True)
