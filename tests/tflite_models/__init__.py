"""Models for tests, made of seeded random choices and accepted by TFLM without exception.

``ModelBuilder`` writes any model by hand. ``random_op_model(code, rng)`` makes a model of one op
with edge cases of shape, quantization and options; ``OPERATORS`` are those that have cases.
``random_graph(rng, ops)`` makes a model of many ops, ``random_inputs(model, rng)`` inputs for any
model, extremes included.
"""

from __future__ import annotations

from .builder import ModelBuilder, Tensor
from .cases import OPERATORS, random_op_model
from .graphs import random_graph
from .inputs import random_inputs

__all__ = [
    "OPERATORS",
    "ModelBuilder",
    "Tensor",
    "random_graph",
    "random_inputs",
    "random_op_model",
]
