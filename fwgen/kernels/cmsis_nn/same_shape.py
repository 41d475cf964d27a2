"""ADD, MUL, MINIMUM and MAXIMUM by CMSIS-NN, of tensors of one shape."""

from __future__ import annotations

from collections.abc import Callable

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import Core, Fields, dims, rows
from fwgen.model.element import S8_ALL
from fwgen.ops.parts.overlap import in_place


def one_shape(node: Node, core: Core) -> bool:
    a, b, y = node.x, node.w, node.y
    return a.shape == b.shape == y.shape


def arithmetic(
    name: str, fields: Callable[[Node], Fields], cycles: dict[Core, float]
) -> tuple[Kernel, ...]:
    """The rows of a function that takes ``elements`` and ``fields``; cycles per element."""

    def form(node: Node, core: Core) -> Form:
        count = node.y.elements
        params = Params(f"fw_{name}_params", (("elements", count), *fields(node)))
        call = Call(f"fw_{name}", (params, *map(Ref, (*node.inputs, *node.outputs))))
        return Form((call,), 100.0 + cycles[core] * count, overlap=in_place(node))

    return rows(name, form, one_shape, S8_ALL)


def same_or_scalar(node: Node, core: Core) -> bool:
    """One of one element may come with any; other broadcasts are not worth their checks."""
    a, b = node.x, node.w
    if max(len(a.shape), len(b.shape)) > 4:
        return False
    return a.shape == b.shape or 1 in (a.elements, b.elements)


def comparison(name: str) -> tuple[Kernel, ...]:
    """The rows of the least or greatest of two."""

    def form(node: Node, core: Core) -> Form:
        a, b, y = node.x, node.w, node.y
        # a flat vector of each: broadcasts are none but of a scalar
        flat = tuple(
            field
            for member, tensor in (("input1", a), ("input2", b), ("output", y))
            for field in dims(member, (1, 1, 1, tensor.elements))
        )
        params = Params(f"fw_{name}_params", flat)
        call = Call(f"fw_{name}", (params, *map(Ref, (*node.inputs, *node.outputs))))
        each = 1.0 if core is Core.MVE else 10.5
        return Form((call,), 150.0 + each * y.elements, overlap=in_place(node))

    return rows(name, form, same_or_scalar, S8_ALL)
