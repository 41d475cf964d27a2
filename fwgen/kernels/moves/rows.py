"""Rows of all operators whose reference moves bytes or looks them up: the same calls on MVE."""

from __future__ import annotations

from fwgen.kernels.moves.vector_calls import on_mve
from fwgen.ops import operators

WITH_TWINS = ("copy", "strided_copy", "lookup_s8", "gather", "copy_at", "copy_grid")
"""The reference rows whose C has twins for MVE with the same arguments, or calls one."""

KERNELS = tuple(
    on_mve(row)
    for operator in operators().values()
    for row in operator.reference
    if row.name in WITH_TWINS and not row.alias
)
