"""SQRT: roots of numbers that are not negative."""

from __future__ import annotations

from tests.tflite_models.unary import magnitude, of_floats

CASES = of_floats("SQRT", mend=magnitude)
