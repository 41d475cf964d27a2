"""RESHAPE: the same data under another shape."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, Operator
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.reach import renamed

MOST_SIZES = 8
"""In the option. Source: TFLite ``builtin_op_data.h``, ``TfLiteReshapeParams``."""


@dataclass(frozen=True)
class Options:
    """The schema's ``ReshapeOptions``, of which only the length counts."""

    sizes: int


def read_options(fields: Fields) -> Options:
    return Options(sizes=len(fields.i32_vector(0)))


def check(node: Node) -> None:
    """The output's static shape counts; TFLM goes by neither the shape operand nor the option.

    So that operand may be anything that is computed, too.
    """
    checks.require_operands(node, least=1, most=2, elements=False)
    node.require(
        node.options.sizes <= MOST_SIZES,
        f"The option new_shape has {node.options.sizes} sizes; TFLM takes at most {MOST_SIZES}.",
    )
    x, y = node.x, node.y
    node.require(
        x.elements == y.elements,
        f"RESHAPE of shape {list(x.shape)} ({x.elements} elements) to {list(y.shape)} "
        f"({y.elements} elements).",
    )


OPERATOR = Operator(
    code=22,
    name="RESHAPE",
    options=read_options,
    types=moves.ANY,
    check=check,
    reference=(moves.rename("RESHAPE"),),
    channels=renamed,
    fold=moves.fold_rename,
    unread=(1,),
)
