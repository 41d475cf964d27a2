"""Rows of RESIZE_BILINEAR on MVE."""

from __future__ import annotations

from functools import partial

from fwgen.contract.kernel import MVE, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.ops.resize_bilinear import calls_reference

NAME = "resize_bilinear_s8_mve"


def _cycles(node: Node) -> float:
    """16 for 4 channels, 35 for a pixel."""
    channels = node.y.shape[3]
    return node.y.elements / channels * (35.0 + 16.0 * -(-channels // 4)) + 50.0


KERNELS = (
    Kernel(
        "RESIZE_BILINEAR",
        NAME,
        "fwgen",
        one_form(partial(calls_reference, NAME), _cycles),
        MVE,
        types=((Element.S8, Element.S32, Element.S8),),
    ),
)
