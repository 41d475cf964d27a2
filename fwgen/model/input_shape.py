"""The shape that is asked for an input of a model."""

from __future__ import annotations

from dataclasses import dataclass

OPTION = "--input-shape"
"""What asks for it, for errors."""


@dataclass(frozen=True)
class InputShape:
    """The ``shape`` that is asked for an input: by its name, or the next one if that is None."""

    name: str | None
    shape: tuple[int, ...]
