"""Models for tests, made of seeded random choices and accepted by TFLM without exception.

``ModelBuilder`` writes any model by hand. ``random_op_model(code, rng)`` makes a model of one op
with edge cases of shape, quantization and options; ``OPERATORS`` are the codes it knows.
``random_graph(rng, ops)`` makes a model of many ops, ``random_inputs(model, rng)`` inputs for any
model, extremes included.
"""

from __future__ import annotations

from .builder import ModelBuilder, Tensor
from .graphs import random_graph
from .inputs import random_inputs
from .single_op import OPERATORS, random_op_model

__all__ = [
    "OPERATORS",
    "ModelBuilder",
    "Tensor",
    "random_graph",
    "random_inputs",
    "random_op_model",
]
