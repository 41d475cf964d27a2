"""ARG_MAX: the first of equal elements, along every axis."""

from __future__ import annotations

from tests.tflite_models.reductions import place_cases

CASES = place_cases("ARG_MAX")
