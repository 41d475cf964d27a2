"""FULLY_CONNECTED: rows of every kernel's depths, single ones as often as not."""

from __future__ import annotations

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.shapes.products import Shape, append, append_s16, depth_of, size


def deep_rows(m: GraphBuilder, rng: np.random.Generator) -> None:
    rows = 1 if rng.random() < 0.5 else size(rng, 9)
    append(m, rng, Shape("FULLY_CONNECTED", rows, depth_of(rng), size(rng, 40)))


def whole_vectors(m: GraphBuilder, rng: np.random.Generator) -> None:
    """One row of a multiple of 32 inputs, 128 and more."""
    depth = 32 * int(rng.integers(4, 12))
    append(m, rng, Shape("FULLY_CONNECTED", 1, depth, size(rng, 40)))


def thin_rows(m: GraphBuilder, rng: np.random.Generator) -> None:
    rows = 1 if rng.random() < 0.5 else size(rng, 9)
    append(m, rng, Shape("FULLY_CONNECTED", rows, size(rng, 16), size(rng, 40)))


def large_rows(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Of scales or biases that only the kernel for any takes."""
    depth, units = depth_of(rng), size(rng, 20)
    append(m, rng, Shape("FULLY_CONNECTED", size(rng, 5), depth, units, large=True))


def nibbles(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Of weights of 4 bits."""
    depth, units = depth_of(rng), size(rng, 20)
    append(m, rng, Shape("FULLY_CONNECTED", size(rng, 5), depth, units, nibbles=True))


def rows_s16(m: GraphBuilder, rng: np.random.Generator) -> None:
    append_s16(m, rng, Shape("FULLY_CONNECTED", size(rng, 5), depth_of(rng), size(rng, 20)))


def offset_weights(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Weights with a zero point, constant or not."""
    rows, depth, units = size(rng, 9), depth_of(rng), size(rng, 20)
    data = rng.integers(-128, 128, (units, depth)) if rng.random() < 0.5 else None
    x = m.tensor((rows, depth), scale=0.02, zero_point=int(rng.integers(-128, 128)))
    point = int(rng.integers(1, 128))
    w = m.tensor((units, depth), scale=0.03, zero_point=point, data=data)
    y = m.tensor((rows, units), scale=float(rng.uniform(0.3, 5)), zero_point=3)
    m.op("FULLY_CONNECTED", [x, w], [y])


GENERATORS = (
    *(deep_rows, whole_vectors, thin_rows, large_rows, nibbles, rows_s16),
    offset_weights,
)
