"""NEG: signs turned."""

from __future__ import annotations

from tests.tflite_models.unary import of_floats

CASES = of_floats("NEG")
