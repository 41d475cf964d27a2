"""SQUEEZE: the same data without dimensions of size 1."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.operator import Fields, Operator
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.checks import require


@dataclass(frozen=True)
class Options:
    """The schema's ``SqueezeOptions``; no dimensions mean all those of size 1."""

    dimensions: tuple[int, ...]


def read_options(fields: Fields) -> Options:
    return Options(dimensions=fields.i32_vector(0))


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=1, most=1)
    assert isinstance(op.options, Options)
    x = graph.input(op)
    rank = len(x.shape)
    for d in op.options.dimensions:
        require(
            -rank <= d < rank and x.shape[d] == 1,
            f"SQUEEZE removes dimension {d}, which is not one of size 1 of shape {list(x.shape)}.",
            graph,
            op,
        )
    gone = {d % rank for d in op.options.dimensions}
    gone = gone or {d for d, size in enumerate(x.shape) if size == 1}
    shape = tuple(size for d, size in enumerate(x.shape) if d not in gone)
    checks.require_shape(graph.output(op), shape, graph, op)


OPERATOR = Operator(
    code=43,
    name="SQUEEZE",
    options=read_options,
    types=moves.ANY,
    check=check,
    variants=(moves.RENAME,),
    fold=moves.fold_rename,
)
