"""END_WHILE, which the reader makes."""

from __future__ import annotations

from tests.kernels.shapes.passed import passes

GENERATORS = passes("END_WHILE")
