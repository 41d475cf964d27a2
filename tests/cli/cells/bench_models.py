"""Models for cells: one that any board takes, one that is too large for some, one that is none."""

from __future__ import annotations

from pathlib import Path

from tests.tflite_models import ModelBuilder


def relu(elements: int) -> bytes:
    """A model of one op."""
    m = ModelBuilder()
    x, y = (m.tensor((1, elements), scale=0.1, zero_point=0) for _ in range(2))
    m.op("RELU", [x], [y])
    return m.build()


def write_models(folder: Path, **elements: int) -> list[Path]:
    """A file for each name, of a RELU of so many elements."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.tflite" for name in elements]
    for path, size in zip(paths, elements.values(), strict=True):
        path.write_bytes(relu(size))
    return paths
