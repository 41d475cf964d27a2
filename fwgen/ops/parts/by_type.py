"""Operators on elements that mean something else for each element type: a table here, code there.

A ``Definition`` is what such an operator is for some types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fwgen.contract.channels import ChannelRule
from fwgen.contract.kernel import Kernel, has_types
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator, no_options

Fold = Callable[[Node, Sequence[Array]], Array]
"""``Operator.fold``."""


def _opaque(node: Node) -> ChannelRule | None:
    return None


@dataclass(frozen=True)
class Definition:
    """The reference row of an operator for the row's ``types``, with what it computes in NumPy."""

    row: Kernel
    fold: Fold
    channels: Callable[[Node], ChannelRule | None] = _opaque


def operator(
    code: int,
    name: str,
    check: Callable[[Node], None],
    *definitions: Definition,
    options: Callable[[Fields], object] = no_options,
    clamps: bool = False,
) -> Operator:
    """An element-wise operator; ``check`` holds for all of its types."""

    def definition(node: Node) -> Definition:
        return next(each for each in definitions if has_types(node, each.row.types))

    return Operator(
        code=code,
        name=name,
        options=options,
        types=tuple(types for each in definitions for types in each.row.types),
        check=check,
        channels=lambda node: definition(node).channels(node),
        reference=tuple(each.row for each in definitions),
        fold=lambda node, values: definition(node).fold(node, values),
        elementwise=True,
        clamps=clamps,
    )
