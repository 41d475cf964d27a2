"""LOGICAL_OR: truth values, with broadcasting."""

from __future__ import annotations

from tests.tflite_models.binary import truth_values

CASES = truth_values("LOGICAL_OR")
