"""Random choices that several operators share: shapes, scales, zero points, weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from .builder import ModelBuilder, Tensor

Choice = TypeVar("Choice")


def float32(value: float) -> float:
    """``value`` rounded to float32, as the file will hold it."""
    with np.errstate(over="ignore"):
        return float(np.float32(value))


class Draw:
    """Seeded choices. ``tame`` keeps scales plausible, so that values survive many ops in a row.

    ``batches`` are what the batches of images are drawn from.
    """

    batches: Sequence[int] = (1, 1, 1, 2, 3)

    def __init__(self, rng: np.random.Generator, tame: bool = False) -> None:
        self.rng = rng
        self.tame = tame

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def integer(self, low: int, high: int) -> int:
        """Uniform from ``low`` to ``high``, both included."""
        return int(self.rng.integers(low, high + 1))

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.integer(0, len(choices) - 1)]

    def wild(self) -> bool:
        """Whether to leave the usual range this time; never when tame."""
        return not self.tame and self.chance(0.15)

    def power(self, low: float, high: float) -> float:
        """2 to a uniform power between ``low`` and ``high``, as float32."""
        return float32(2.0 ** self.rng.uniform(low, high))

    def extent(self, most: int) -> int:
        """A dimension from 1 to ``most``; 1 more often than its share."""
        return 1 if self.chance(0.2) else self.integer(1, most)

    def shape(self, rank: int, most: int = 8, elements: int = 600) -> tuple[int, ...]:
        """``rank`` dimensions of at most ``most``, with at most ``elements`` elements together."""
        while True:
            shape = tuple(self.extent(most) for _ in range(rank))
            if math.prod(shape) <= elements:
                return shape

    def image(self) -> tuple[int, ...]:
        """(batches, height, width, channels)."""
        return (self.pick(self.batches), *self.shape(3, 9, 400))

    def scale(self) -> float:
        """Scale of an activation; TFLM's TANH and LOGISTIC overflow from 8 on."""
        return self.power(-24, 2.9) if self.wild() else self.power(-9, -3)

    def zero_point(self, dtype: str = "int8") -> int:
        """Any value of 8 bits, the ends and 0 more often; 0 for other types, as in all models."""
        if dtype == "uint8":
            return self.zero_point() + 128
        if dtype != "int8":
            return 0
        if self.tame:  # many zero points near 127 would let ReLUs leave nothing but constants
            return self.integer(-128, 40)
        return self.pick((-128, 127, 0)) if self.chance(0.4) else self.integer(-128, 127)

    def shift(self, m: ModelBuilder, *tensors: Tensor) -> None:
        """Give some int16 tensors of the model a zero point: where TFLM heeds it, it may be any."""
        for x in tensors:
            if x.dtype == "int16" and not self.tame and self.chance(0.3):
                points = (-(1 << 15), (1 << 15) - 1, 1, self.integer(-(1 << 15), (1 << 15) - 1))
                m.requantize(x, x.scale, self.pick(points))

    def activations(self, m: ModelBuilder, shape: Sequence[int], dtype: str = "int8") -> Tensor:
        """A new tensor that is no constant; int8, uint8 and int16 with a scale of its own."""
        if dtype not in ("int8", "uint8", "int16"):
            return m.tensor(shape, dtype)
        return m.tensor(shape, dtype, scale=self.scale(), zero_point=self.zero_point(dtype))

    def values(self, shape: Sequence[int], dtype: str) -> np.ndarray:
        """Values for a constant: of int8 often extremes, of other integers any, of floats small."""
        if dtype == "int8":
            return self.int8(shape)
        if dtype == "bool":
            return self.rng.random(shape) < 0.5
        if dtype == "float32":
            return self.rng.normal(size=shape).astype(np.float32)
        limits = np.iinfo(dtype)
        return self.rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)

    def int8(self, shape: Sequence[int]) -> np.ndarray:
        """int8 values: uniform, or one extreme everywhere, or mostly 0."""
        kind = self.integer(0, 11)
        if kind == 0 and not self.tame:
            return np.full(shape, self.pick((-128, -127, 127, 0)), np.int8)
        values = self.rng.integers(-128, 128, shape).astype(np.int8)
        if kind == 1:
            values[self.rng.random(shape) < 0.8] = 0
        return values

    def activation(self, scale: float) -> str:
        """A fused activation whose bounds an output of ``scale`` can hold in 32 bits."""
        names = ["NONE", "NONE", "RELU"]
        if scale > 1e-7:
            names += ["RELU6", "RELU_N1_TO_1"]
        return self.pick(names)
