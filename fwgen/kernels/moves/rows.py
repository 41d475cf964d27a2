"""Rows of all operators whose reference moves bytes or looks them up: the same calls on MVE."""

from __future__ import annotations

from fwgen.kernels.moves.vector_calls import on_mve
from fwgen.ops import operators

WITH_TWINS = ("strided_copy", "lookup_s8")
"""The reference rows of whose C files each has one for MVE with the same arguments."""

KERNELS = tuple(
    on_mve(row)
    for operator in operators().values()
    for row in operator.reference
    if row.name in WITH_TWINS
)
