"""ADD, MUL, MINIMUM and MAXIMUM by CMSIS-NN, of tensors of one shape."""

from __future__ import annotations

from collections.abc import Callable

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Form, Kernel
from fwgen.kernels.cmsis_nn.cores import Core, Fields, dims, rows
from fwgen.model.element import S8_ALL
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts.overlap import in_place


def one_shape(graph: Graph, op: Op, core: Core) -> bool:
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    return a.shape == b.shape == y.shape


def arithmetic(
    name: str, fields: Callable[[Graph, Op], Fields], cycles: dict[Core, float]
) -> tuple[Kernel, ...]:
    """The rows of a function that takes ``elements`` and ``fields``; cycles per element."""

    def form(graph: Graph, op: Op, core: Core) -> Form:
        count = graph.output(op).elements
        params = Params(f"fw_{name}_params", (("elements", count), *fields(graph, op)))
        call = Call(f"fw_{name}", (params, *map(Ref, (*op.inputs, *op.outputs))))
        return Form((call,), 100.0 + cycles[core] * count, overlap=in_place(graph, op))

    return rows(name, form, one_shape, S8_ALL)


def same_or_scalar(graph: Graph, op: Op, core: Core) -> bool:
    """One of one element may come with any; other broadcasts are not worth their checks."""
    a, b = graph.input(op, 0), graph.input(op, 1)
    if max(len(a.shape), len(b.shape)) > 4:
        return False
    return a.shape == b.shape or 1 in (a.elements, b.elements)


def comparison(name: str) -> tuple[Kernel, ...]:
    """The rows of the least or greatest of two."""

    def form(graph: Graph, op: Op, core: Core) -> Form:
        a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
        # a flat vector of each: broadcasts are none but of a scalar
        flat = tuple(
            field
            for member, tensor in (("input1", a), ("input2", b), ("output", y))
            for field in dims(member, (1, 1, 1, tensor.elements))
        )
        params = Params(f"fw_{name}_params", flat)
        call = Call(f"fw_{name}", (params, *map(Ref, (*op.inputs, *op.outputs))))
        each = 1.0 if core is Core.MVE else 10.5
        return Form((call,), 150.0 + each * y.elements, overlap=in_place(graph, op))

    return rows(name, form, same_or_scalar, S8_ALL)
