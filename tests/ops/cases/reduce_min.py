"""REDUCE_MIN: any axes, and floats that no number is beyond."""

from __future__ import annotations

from tests.tflite_models.reductions import extreme_cases

CASES = extreme_cases("REDUCE_MIN")
