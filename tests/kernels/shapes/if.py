"""IF, which the reader makes."""

from __future__ import annotations

from tests.kernels.shapes.passed import chooses

GENERATORS = chooses("IF")
