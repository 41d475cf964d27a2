"""What element-wise ops of two operands have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.contract.operator import Fields
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks
from fwgen.ops.parts.checks import require
from fwgen.ops.parts.loop_nest import LEVELS, broadcast, collapse

ParamFields = tuple[tuple[str, int | tuple[int, ...]], ...]


@dataclass(frozen=True)
class Options:
    """The schema's ``AddOptions``, ``SubOptions`` and ``MulOptions``."""

    activation: int


def read_options(fields: Fields) -> Options:
    return Options(activation=fields.i8(0))


def options_of(op: Op) -> Options:
    assert isinstance(op.options, Options)
    return op.options


def check_shapes(graph: Graph, op: Op) -> None:
    """Require two inputs and an output of the shape that broadcasting gives."""
    checks.require_operands(graph, op, least=2, most=2)
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        shape = ()
        require(False, f"Shapes {list(a.shape)} and {list(b.shape)} do not broadcast.", graph, op)
    require(
        len(shape) <= LEVELS,
        f"{op.code} of {len(shape)} dimensions; at most {LEVELS} are supported.",
        graph,
        op,
    )
    checks.require_shape(y, shape, graph, op)


def check_quantized(graph: Graph, op: Op) -> None:
    """``check_shapes``, and require quantized tensors and a fused activation that is a clamp."""
    check_shapes(graph, op)
    for tensor in (graph.input(op, 0), graph.input(op, 1), graph.output(op)):
        checks.require_per_tensor(tensor, graph, op)
    checks.check_activation_code(options_of(op).activation, graph, op)


def loop_fields(graph: Graph, op: Op) -> ParamFields:
    """The members ``size``, ``input1_stride`` and ``input2_stride``, in elements."""
    y = graph.output(op)
    inputs = (graph.input(op, 0), graph.input(op, 1))
    loops = collapse(y.shape, *(broadcast(x.shape, y.shape) for x in inputs))
    return (
        ("size", loops.sizes),
        ("input1_stride", loops.strides[0]),
        ("input2_stride", loops.strides[1]),
    )
