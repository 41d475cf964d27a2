"""DEQUANTIZE: loops over elements, of which a few dozen shapes are as good as hundreds."""

from __future__ import annotations

from tests.kernels.row_cases import Generator

GENERATORS: tuple[Generator, ...] = ()

EACH = 2
