"""ASSIGN_VARIABLE, which the reader makes: a copy of any type."""

from __future__ import annotations

from tests.kernels.shapes.renamed import copies

GENERATORS = copies("ASSIGN_VARIABLE")
