"""The extremes MAXIMUM and MINIMUM: their common part."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import S8_ALL
from fwgen.ops.parts import broadcast
from fwgen.ops.parts.overlap import in_place


def compare_operator(
    code: int, name: str, kernel: str, compare: Callable[[Array, Array], Array]
) -> Operator:
    """An operator on raw values, in NumPy ``compare``: its kernel needs nothing but the loops."""

    def calls_reference(node: Node) -> tuple[Call, ...]:
        params = Params(f"fw_{kernel}_params", broadcast.loop_fields(node))
        return (Call(f"fw_{kernel}", (params, *map(Ref, (*node.inputs, *node.outputs)))),)

    def cost_reference(node: Node) -> float:
        return 12.0 * node.y.elements

    def fold(node: Node, values: Sequence[Array]) -> Array:
        return compare(*values)

    return Operator(
        code=code,
        name=name,
        options=lambda _: None,
        types=(S8_ALL,),
        check=broadcast.check_shapes,
        reference=(
            Kernel(
                name,
                kernel,
                "reference",
                one_form(calls_reference, cost_reference, in_place),
                types=(S8_ALL,),
            ),
        ),
        fold=fold,
        elementwise=True,
    )
