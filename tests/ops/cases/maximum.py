"""MAXIMUM: raw values compared."""

from __future__ import annotations

from tests.tflite_models.binary import raw_values

CASES = raw_values("MAXIMUM")
