"""Seeded inputs of a model: what it is compared on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from fwgen.model.element import Element
from fwgen.model.graph import Graph, Tensor

Values = npt.NDArray[np.generic]


Ranges = tuple[range, ...]
"""Of the numbers along the last axis of an input, or one for all of them."""

ANY_NUMBERS: Mapping[int, Ranges] = MappingProxyType({})


def seeded_inputs(
    graph: Graph, count: int, seed: int, ranges: Mapping[int, Ranges] = ANY_NUMBERS
) -> list[list[Values]]:
    """``count`` sets of model inputs: noise, smooth gradients, values near zero, and extremes.

    Inputs, by tensor, that have ``ranges`` get numbers in these.
    """
    rng = np.random.default_rng(seed)
    tensors = [graph.tensors[t] for t in graph.inputs]
    return [
        [
            _indices(tensor, ranges[tensor.index], rng)
            if tensor.index in ranges
            else _values(tensor, k, rng)
            for tensor in tensors
        ]
        for k in range(count)
    ]


def _indices(tensor: Tensor, ranges: Ranges, rng: np.random.Generator) -> Values:
    shape = (len(ranges),) if len(ranges) > 1 else ()
    least = np.reshape([each.start for each in ranges], shape)
    most = np.reshape([each.stop for each in ranges], shape)
    return rng.integers(least, most, tensor.shape).astype(tensor.dtype.numpy)


def _values(tensor: Tensor, kind: int, rng: np.random.Generator) -> Values:
    """Input values of one of four kinds; for floats a real range of about -4 to 4."""
    if tensor.dtype is Element.F32:
        spread = (1.0, 4.0, 0.01, 100.0)[kind % 4]
        return (rng.standard_normal(tensor.shape) * spread).astype(np.float32)
    if tensor.dtype is Element.BOOL:
        return rng.integers(0, 2, tensor.shape).astype(np.bool_)
    low = max(tensor.dtype.low, Element.S16.low)
    high = min(tensor.dtype.high, Element.S16.high)
    raw: npt.NDArray[np.number]
    if kind % 4 == 1:
        ramp = np.linspace(rng.uniform(-1, 1), rng.uniform(-1, 1), tensor.elements)
        raw = (low + high) / 2 + ramp * (high - low) / 2 + rng.normal(0, 3, tensor.elements)
    elif kind % 4 == 2:
        center = tensor.zero_point if tensor.quant else 0
        raw = center + rng.normal(0, (high - low) / 32, tensor.elements)
    elif kind % 4 == 3:
        raw = rng.choice([low, high], tensor.elements)
    else:
        raw = rng.integers(low, high + 1, tensor.elements)
    return np.clip(np.rint(raw), low, high).astype(tensor.dtype.numpy).reshape(tensor.shape)
