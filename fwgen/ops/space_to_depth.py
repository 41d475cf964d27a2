"""SPACE_TO_DEPTH: blocks of an image as channels."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.ops.parts import image_blocks


def fold(node: Node, values: Sequence[Array]) -> Array:
    n, h, w, c = node.x.shape
    b = node.options.block
    blocks = values[0].reshape(n, h // b, b, w // b, b, c)
    return blocks.transpose(0, 1, 3, 2, 4, 5).reshape(node.y.shape)


OPERATOR = image_blocks.operator(26, "SPACE_TO_DEPTH", fold, into_space=False)
