"""Sizes of a model: what a host knows of it, and firmware tells of the one that it has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelSizes:
    """How many ops run, and the bytes of all inputs and of all outputs together."""

    ops: int
    input_bytes: int
    output_bytes: int

    def __str__(self) -> str:
        return (
            f"{self.ops:,} ops, {self.input_bytes:,} bytes of inputs and "
            f"{self.output_bytes:,} of outputs"
        )
