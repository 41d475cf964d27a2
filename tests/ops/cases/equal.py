"""EQUAL: also of truth values."""

from __future__ import annotations

from tests.tflite_models.binary import comparison

CASES = comparison("EQUAL")
