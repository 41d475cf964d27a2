"""The broadcast of two operands, and what else element-wise ops share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Fields
from fwgen.model.element import Element
from fwgen.ops.parts import checks
from fwgen.ops.parts.loop_nest import LEVELS, broadcast, collapse

ParamFields = tuple[tuple[str, int | tuple[int, ...]], ...]


@dataclass(frozen=True)
class Options:
    """The schema's ``AddOptions``, ``SubOptions`` and ``MulOptions``."""

    activation: int


def read_options(fields: Fields) -> Options:
    return Options(activation=fields.i8(0))


def check_shapes(node: Node) -> None:
    """Require two inputs and an output of the shape that broadcasting gives."""
    checks.require_operands(node, least=2, most=2)
    a, b, y = node.x, node.w, node.y
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        shape = ()
        node.require(False, f"Shapes {list(a.shape)} and {list(b.shape)} do not broadcast.")
    node.require(
        len(shape) <= LEVELS,
        f"{node.code} of {len(shape)} dimensions; at most {LEVELS} are supported.",
    )
    checks.require_shape(node, y, shape)


def check_quantized(node: Node) -> None:
    """``check_shapes``, and require quantized tensors and a fused activation that is a clamp."""
    check_shapes(node)
    for tensor in (node.x, node.w, node.y):
        checks.require_per_tensor(node, tensor)
    checks.check_activation_code(node, node.options.activation)


def check_arithmetic(node: Node, *, symmetric: bool = True) -> None:
    """``check_quantized`` of int8 and int16; of others ``check_shapes``, and a fused activation
    that is a clamp.

    Zero points of int16 must be 0 where the op is ``symmetric``.
    """
    if node.y.dtype in (Element.S8, Element.S16):
        check_quantized(node)
        for tensor in (node.x, node.w, node.y) if symmetric else ():
            checks.require_symmetric(node, tensor)
        return
    check_shapes(node)
    checks.require_activation(node, node.options.activation)


def loop_fields(node: Node) -> ParamFields:
    """The members ``size``, ``input1_stride`` and ``input2_stride``, in elements."""
    y = node.y
    inputs = (node.x, node.w)
    loops = collapse(y.shape, *(broadcast(x.shape, y.shape) for x in inputs))
    return (
        ("size", loops.sizes),
        ("input1_stride", loops.strides[0]),
        ("input2_stride", loops.strides[1]),
    )
