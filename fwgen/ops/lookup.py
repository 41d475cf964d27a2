"""LOOKUP: what passes make of several tables in a row, its own table in its options."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.node import Node
from fwgen.ops.parts import checks
from fwgen.ops.parts.value_table import Entries, lookup_operator


@dataclass(frozen=True, eq=False)
class Options:
    """The table of a LOOKUP."""

    entries: Entries


def check_raw(node: Node) -> None:
    """Require tensors of the same shape, whatever their values stand for."""
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    checks.require_shape(node, y, x.shape)


OPERATOR = lookup_operator(None, "LOOKUP", check_raw, lambda node: node.options.entries)
