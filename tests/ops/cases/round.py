"""ROUND: halves, of which the even neighbour is taken."""

from __future__ import annotations

from tests.tflite_models.unary import of_floats

CASES = of_floats("ROUND")
