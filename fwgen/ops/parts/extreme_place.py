"""The place of an extreme along one axis: ARG_MAX and ARG_MIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves


@dataclass(frozen=True)
class Options:
    """The schema's ``ArgMaxOptions``: the number of the output's element type."""

    output_type: int


def read_options(fields: Fields) -> Options:
    return Options(output_type=fields.i8(0))


def axis_of(node: Node) -> int:
    """The axis, from 0."""
    return moves.constant_axis(node, node.w, len(node.x.shape))


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    checks.require_type_code(node, node.options.output_type)
    axis, shape = axis_of(node), node.x.shape
    checks.require_shape(node, node.y, (*shape[:axis], *shape[axis + 1 :]))


def calls(kernel: str, node: Node) -> tuple[Call, ...]:
    """The call of a reference kernel, or of one with the same arguments."""
    axis, shape = axis_of(node), node.x.shape
    sizes = prod(shape[:axis]), shape[axis], prod(shape[axis + 1 :])
    params = Params(
        "fw_extreme_place_params", tuple(zip(("outer", "axis", "inner"), sizes, strict=True))
    )
    return (Call(f"fw_{kernel}", (params, Ref(node.x.index), Ref(node.y.index))),)


def _cost(node: Node) -> float:
    return 6.0 * node.x.elements + 15.0 * node.y.elements


def operator(code: int, name: str, place: Callable[..., Array]) -> Operator:
    """ARG_MAX or ARG_MIN; ``place`` is NumPy's, which also gives the first of equal elements."""

    def fold(node: Node, values: Sequence[Array]) -> Array:
        return place(values[0], axis=axis_of(node)).astype(node.y.dtype.numpy)

    def row(element: Element) -> Kernel:
        kernel = f"{name.lower()}_{element.suffix}"
        return Kernel(
            name,
            kernel,
            "reference",
            one_form(partial(calls, kernel), _cost),
            types=((element, Element.S32, Element.S32),),
        )

    rows = tuple(map(row, (Element.S8, Element.F32)))
    return Operator(
        code=code,
        name=name,
        options=read_options,
        types=tuple(types for one in rows for types in one.types),
        check=check,
        reference=rows,
        fold=fold,
    )
