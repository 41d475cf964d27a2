"""SQRT: the square root of x."""

from __future__ import annotations

from fwgen.ops.parts import reals

OPERATOR = reals.operator(75, "SQRT", reals.square_root, cycles=250.0)
