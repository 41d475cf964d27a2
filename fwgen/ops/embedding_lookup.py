"""EMBEDDING_LOOKUP: the rows of a table that numbers name, of int8 also as float32.

A number that is out of range at run time counts as the nearest one in range; TFLM ends the
inference with an error then. A constant one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import block_copies, checks

TYPES = tuple((Element.S32, element, element) for element in (Element.S8, Element.F32))
HYBRID = (Element.S32, Element.S8, Element.F32)
"""Of rows that become real numbers."""


def blocks_of(node: Node) -> block_copies.Blocks:
    return block_copies.along(node.w, 0, 0, node.x.elements)


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    numbers, rows = node.x, node.w
    checks.require_rank(node, numbers, 1)
    node.require(
        len(rows.shape) >= 2,
        f"The table (tensor {rows.index}) has {len(rows.shape)} dimensions, expected 2 or more.",
    )
    checks.require_shape(node, node.y, (numbers.shape[0], *rows.shape[1:]))
    block_copies.require_inside(node, numbers, rows.shape[:1])
    if is_hybrid(node):
        checks.require_per_tensor(node, rows)
        checks.require_normal(node, rows)
        node.require(
            rows.zero_point == 0,
            f"The table (tensor {rows.index}) has a zero point other than 0, with which TFLM makes "
            "no float32 of it.",
        )


def is_hybrid(node: Node) -> bool:
    """Whether the numbers of the table are multiplied by its scale."""
    return (node.w.dtype, node.y.dtype) == HYBRID[1:]


def calls_reference(node: Node) -> tuple[Call, ...]:
    return (block_copies.gather(node.w, node.x, node.y, blocks_of(node)),)


def _forms_hybrid(node: Node) -> tuple[Form, ...]:
    """The rows go to scratch memory first. Source: TFLM ``embedding_lookup.cc``, ``EvalHybrid``."""
    table, y = node.w, node.y
    found = block_copies.gather(table, node.x, y, blocks_of(node))
    rows = Scratch(0, Element.S8)
    params = Params("fw_dequantize_params", (("elements", y.elements), ("zero_point", 0)))
    scale = Constant("scale", np.array([table.scale], np.float32))
    real = Call("fw_dequantize_s8_f32", (params, scale, rows, Ref(y.index)))
    calls = (replace(found, args=(*found.args[:-1], rows)), real)
    cycles = block_copies.cost_call(found) + 10.0 * y.elements
    return (Form(calls, cycles, scratch_bytes=y.elements),)


def indices(node: Node) -> dict[int, tuple[range, ...]]:
    return {0: (range(node.w.shape[0]),)}


def fold(node: Node, values: Sequence[Array]) -> Array:
    rows = blocks_of(node).gathered(values[1], values[0])
    return np.float32(node.w.scale) * rows.astype(np.float32) if is_hybrid(node) else rows


OPERATOR = Operator(
    code=7,
    name="EMBEDDING_LOOKUP",
    options=no_options,
    types=(*TYPES, HYBRID),
    check=check,
    reference=(
        block_copies.row("EMBEDDING_LOOKUP", "gather", calls_reference, TYPES),
        Kernel(
            "EMBEDDING_LOOKUP",
            "dequantize_s8_f32",
            "reference",
            _forms_hybrid,
            functions=("dequantize_s8_f32", "gather"),
            types=(HYBRID,),
        ),
    ),
    fold=fold,
    indices=indices,
)
