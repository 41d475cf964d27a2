"""RELU_0_TO_1: x where it is from 0 to 1, else the nearer of both, in the scale of the output."""

from __future__ import annotations

from fwgen.ops.parts import clamped_tables

OPERATOR = clamped_tables.operator(152, "RELU_0_TO_1", 0.0)
