"""CEIL: halves and numbers on either side."""

from __future__ import annotations

from tests.tflite_models.unary import of_floats

CASES = of_floats("CEIL")
