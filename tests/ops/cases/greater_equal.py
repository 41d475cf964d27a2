"""GREATER_EQUAL: of int8 by rounded real values, of others as they are."""

from __future__ import annotations

from tests.tflite_models.binary import comparison

CASES = comparison("GREATER_EQUAL")
