"""SQUEEZE: the same data without dimensions of size 1."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.node import Node
from fwgen.contract.operator import Fields, Operator
from fwgen.ops.parts import checks, moves


@dataclass(frozen=True)
class Options:
    """The schema's ``SqueezeOptions``; no dimensions mean all those of size 1."""

    dimensions: tuple[int, ...]


def read_options(fields: Fields) -> Options:
    return Options(dimensions=fields.i32_vector(0))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    x = node.x
    rank = len(x.shape)
    for d in node.options.dimensions:
        node.require(
            -rank <= d < rank and x.shape[d] == 1,
            f"SQUEEZE removes dimension {d}, which is not one of size 1 of shape {list(x.shape)}.",
        )
    gone = {d % rank for d in node.options.dimensions}
    gone = gone or {d for d, size in enumerate(x.shape) if size == 1}
    shape = tuple(size for d, size in enumerate(x.shape) if d not in gone)
    checks.require_shape(node, node.y, shape)


OPERATOR = Operator(
    code=43,
    name="SQUEEZE",
    options=read_options,
    types=moves.ANY,
    check=check,
    reference=(moves.rename("SQUEEZE"),),
    fold=moves.fold_rename,
)
