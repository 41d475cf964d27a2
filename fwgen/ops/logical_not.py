"""LOGICAL_NOT: the opposite of a truth value."""

from __future__ import annotations

from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.ops.parts import by_type, checks, value_table


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    checks.require_shape(node, node.y, node.x.shape)


def entries(node: Node) -> value_table.Entries:
    found: value_table.Entries = value_table.values_of(Element.U8) == 0
    return found


OPERATOR = by_type.operator(
    87,
    "LOGICAL_NOT",
    check,
    by_type.Definition(
        value_table.lookup_row("LOGICAL_NOT", entries, ((Element.BOOL, Element.BOOL),)),
        value_table.lookup_fold(entries),
    ),
)
