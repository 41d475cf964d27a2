"""RELU_N1_TO_1: x where it is from -1 to 1, else the nearer of both, in the scale of the output."""

from __future__ import annotations

from fwgen.ops.parts import clamped_tables

OPERATOR = clamped_tables.operator(20, "RELU_N1_TO_1", -1.0)
