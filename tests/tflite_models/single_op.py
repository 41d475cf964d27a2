"""Models of one random op."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import binary, layout, pools, unary, weighted
from .builder import ModelBuilder, Tensor
from .draw import Draw


@dataclass(frozen=True)
class Generator:
    """How to make one op: the function that appends it, and what its first input looks like.

    ``ranks`` are its least and most dimensions, ``floats`` how often it is float32, not int8.
    """

    append: Callable[[ModelBuilder, Draw, Tensor], Tensor]
    ranks: tuple[int, int] = (1, 5)
    floats: float = 0.0

    def source(self, m: ModelBuilder, d: Draw) -> Tensor:
        """A new model input."""
        shape = d.image() if self.ranks == IMAGE else d.shape(d.integer(*self.ranks), 6, 400)
        return m.tensor(shape, "float32") if d.chance(self.floats) else d.activations(m, shape)


IMAGE = (4, 4)
GENERATORS = {
    "ADD": Generator(binary.add),
    "AVERAGE_POOL_2D": Generator(pools.average_pool_2d, IMAGE),
    "CONCATENATION": Generator(layout.concatenation),
    "CONV_2D": Generator(weighted.conv_2d, IMAGE),
    "DEPTHWISE_CONV_2D": Generator(weighted.depthwise_conv_2d, IMAGE),
    "DEQUANTIZE": Generator(unary.dequantize),
    "EXPAND_DIMS": Generator(layout.expand_dims, (1, 4)),
    "FULLY_CONNECTED": Generator(weighted.fully_connected, (1, 4)),
    "LOGISTIC": Generator(unary.logistic),
    "MAXIMUM": Generator(binary.maximum),
    "MAX_POOL_2D": Generator(pools.max_pool_2d, IMAGE),
    "MEAN": Generator(layout.mean, (1, 4)),
    "MINIMUM": Generator(binary.minimum),
    "MUL": Generator(binary.mul),
    "PAD": Generator(layout.pad),
    "QUANTIZE": Generator(unary.quantize, floats=0.6),
    "RELU": Generator(unary.relu),
    "RELU6": Generator(unary.relu6),
    "RESHAPE": Generator(layout.reshape),
    "SOFTMAX": Generator(unary.softmax),
    "SQUEEZE": Generator(layout.squeeze),
    "STRIDED_SLICE": Generator(layout.strided_slice, (1, 4)),
    "SUB": Generator(binary.sub),
    "TANH": Generator(unary.tanh),
    "TRANSPOSE": Generator(layout.transpose),
}
OPERATORS = tuple(GENERATORS)
"""The operators that ``random_op_model`` knows."""


def random_op_model(code: str, rng: np.random.Generator) -> bytes:
    """A model of one op ``code``: random and edge shapes, quantization and options."""
    draw = Draw(rng)
    m = ModelBuilder()
    generator = GENERATORS[code]
    generator.append(m, draw, generator.source(m, draw))
    return m.build()
