"""SIN: angles of all sizes, tiny ones, those that are nearly multiples of quarter circles."""

from __future__ import annotations

from tests.tflite_models.unary import of_angles

CASES = of_angles("SIN")
