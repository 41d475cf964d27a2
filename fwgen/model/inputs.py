"""Seeded inputs of a model: what it is compared on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from fwgen.model.element import Element
from fwgen.model.graph import Graph, Tensor

Values = npt.NDArray[np.generic]


NO_LIMITS: Mapping[int, tuple[int, ...]] = MappingProxyType({})


def seeded_inputs(
    graph: Graph, count: int, seed: int, limits: Mapping[int, tuple[int, ...]] = NO_LIMITS
) -> list[list[Values]]:
    """``count`` sets of model inputs: noise, smooth gradients, values near zero, and extremes.

    Of inputs, by tensor, that have ``limits`` along their last axis, numbers from 0 to below them.
    """
    rng = np.random.default_rng(seed)
    tensors = [graph.tensors[t] for t in graph.inputs]
    return [
        [
            _indices(tensor, limits[tensor.index], rng)
            if tensor.index in limits
            else _values(tensor, k, rng)
            for tensor in tensors
        ]
        for k in range(count)
    ]


def _indices(tensor: Tensor, limits: tuple[int, ...], rng: np.random.Generator) -> Values:
    each = limits[0] if len(limits) == 1 else limits
    return rng.integers(0, each, tensor.shape).astype(tensor.dtype.numpy)


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
