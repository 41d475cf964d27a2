"""The operators, one file each, and how a graph as read gets their options and checks."""

from __future__ import annotations

import pkgutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import cast

from fwgen.errors import ModelError
from fwgen.model.graph import Graph, Op
from fwgen.ops.constants import MOST_BYTES, constant_output, with_constant
from fwgen.ops.operator import NO_FIELDS, Fields, Operator


@cache
def operators() -> Mapping[str, Operator]:
    """Every ``OPERATOR`` of this package's modules by its name, in alphabetical order."""
    modules = (
        import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    )
    found = [module.OPERATOR for module in modules if hasattr(module, "OPERATOR")]
    return MappingProxyType({o.name: o for o in sorted(found, key=lambda o: o.name)})


def require_supported(graph: Graph) -> None:
    """Raise a ModelError that lists all unsupported operators of ``graph`` with their counts."""
    known = operators()
    unknown = Counter(op.code for op in graph.ops if op.code not in known)
    if unknown:
        names = [name for name, operator in known.items() if operator.code is not None]
        counts = ", ".join(f"{code} ({count}x)" for code, count in sorted(unknown.items()))
        raise ModelError(
            f"The model uses operators that fwgen does not support: {counts}.",
            at=graph.name,
            tries=(f"build the model from supported ones: {', '.join(names)}",),
        )


def resolve(graph: Graph) -> Graph:
    """``graph`` as read, with every op's options decoded and checked against its operator.

    An op without an options table has the schema's default options. One that computes a constant
    gives way to it, and so may ops that follow. Raises ModelError: that of ``require_supported``,
    or that of the first op whose ``check`` fails.
    """
    require_supported(graph)
    known = operators()
    resolved = replace(
        graph,
        ops=tuple(replace(op, options=known[op.code].options(_fields(op))) for op in graph.ops),
    )
    room = MOST_BYTES
    for op in resolved.ops:
        known[op.code].check(resolved, op)
        data = constant_output(resolved, op, known[op.code], room)
        if data is not None:
            resolved = with_constant(resolved, op, data)
            room -= data.nbytes
    return resolved


def _fields(op: Op) -> Fields:
    return NO_FIELDS if op.options is None else cast(Fields, op.options)
