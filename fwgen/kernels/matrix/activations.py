"""Products of activations on MVE: BATCH_MATMUL, of whose matrices neither is packed."""

from __future__ import annotations

from math import prod

from fwgen.contract.call import Call, Params, Ref, Scratch
from fwgen.contract.kernel import MVE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops import batch_matmul
from fwgen.ops.parts.loop_nest import collapse

NAME = "batch_matmul_s8_mve"

MOST_TURNED = 0xFFFF // 7
"""Rows or columns of an operand that is stored depth by depth: their offsets have 16 bits."""


def _turned(node: Node) -> tuple[bool, bool]:
    """Whether the kernel turns the left and the right operand, which have depth outside."""
    return node.options.left, not node.options.right


def _holds(node: Node) -> bool:
    rows, _, columns = batch_matmul.sizes(node)
    left, right = _turned(node)
    shift = quantize_multiplier(batch_matmul.factor(node))[1]
    near = (not left or rows <= MOST_TURNED) and (not right or columns <= MOST_TURNED)
    return near and -31 <= shift <= 30


def _scratch_bytes(node: Node) -> int:
    _, depth, columns = batch_matmul.sizes(node)
    left, right = _turned(node)
    row = -(-depth // 16) * 16 if left else 0
    return -(-columns // 4) * 16 + row + (columns * depth if right else 0)


def _call(node: Node) -> Call:
    x, w, y = node.x, node.w, node.y
    rows, depth, columns = batch_matmul.sizes(node)
    strides = (batch_matmul.batch_strides(node, operand.shape) for operand in (x, w))
    nest = collapse(y.shape[:-2], *strides, levels=3)
    multiplier, shift = quantize_multiplier(batch_matmul.factor(node))
    left, right = _turned(node)
    params = Params(
        f"fw_{NAME}_params",
        (
            ("batch_size", nest.sizes),
            ("left_batch_stride", nest.strides[0]),
            ("right_batch_stride", nest.strides[1]),
            ("rows", rows),
            ("columns", columns),
            ("depth", depth),
            ("left_turned", int(left)),
            ("right_turned", int(right)),
            ("left_zero_point", x.zero_point),
            ("right_zero_point", w.zero_point),
            ("output_zero_point", y.zero_point),
            ("output_multiplier", multiplier),
            ("left_shift", max(shift, 0)),
            ("right_shift", min(shift, 0)),
        ),
    )
    return Call(f"fw_{NAME}", (params, Ref(x.index), Ref(w.index), Scratch(), Ref(y.index)))


def _cycles(node: Node) -> float:
    rows, depth, columns = batch_matmul.sizes(node)
    left, right = _turned(node)
    vectors, turned = -(-depth // 16), 40.0 + 1.5 * depth
    row = 40.0 + 4.0 * vectors + left * turned + -(-columns // 4) * (9.0 * vectors + 60.0)
    column = 30.0 + 4.0 * vectors + right * turned
    return prod(node.y.shape[:-2]) * (60.0 + columns * column + rows * row)


def _forms(node: Node) -> tuple[Form, ...]:
    return (Form((_call(node),), _cycles(node), _scratch_bytes(node)),)


ROW = Kernel(
    "BATCH_MATMUL",
    NAME,
    "fwgen",
    _forms,
    MVE,
    _holds,
    types=((Element.S8, Element.S8),),
)
