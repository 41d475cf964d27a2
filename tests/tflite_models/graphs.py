"""Models of many random ops with branches, residual sums and concatenations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from . import binary, layout, unary
from .builder import ModelBuilder, Tensor
from .draw import Draw
from .liveliness import hiding, lively
from .single_op import GENERATORS, OPERATORS

LEAST_ELEMENTS, MOST_ELEMENTS = 8, 800
CODES = [code for code in OPERATORS if code != "DEQUANTIZE"]
CODES += 3 * ["CONV_2D", "DEPTHWISE_CONV_2D", "ADD"]
BINARY = {
    "ADD": binary.add,
    "SUB": binary.sub,
    "MUL": binary.mul,
    "MINIMUM": binary.minimum,
    "MAXIMUM": binary.maximum,
}


def random_graph(rng: np.random.Generator, ops: int = 12) -> bytes:
    """A model of ``ops`` ops on int8 and a few that quantize, with one or two inputs.

    Its outputs are the results that no op reads, sometimes one that is read, and those of weights
    in which a fault would not show otherwise. In one of four models outputs and inputs are float32.
    """
    d = Draw(rng, tame=True)
    m = ModelBuilder()
    floats = d.chance(0.25)
    results = grow(m, d, ops, floats)
    outputs = m.unread()
    if d.chance(0.3) and results[-2] not in outputs:
        outputs.append(results[-2])
    outputs += [y for y in hiding(m, d, outputs) if y not in outputs]
    if floats:
        outputs = [unary.dequantize(m, d, y) for y in outputs]
    return m.build(outputs=outputs)


def grow(m: ModelBuilder, d: Draw, ops: int, floats: bool) -> list[Tensor]:
    """Append one or two inputs and ``ops`` ops on them; the int8 inputs and results.

    Each input is read.
    """
    sources = d.pick((1, 1, 2))
    results = [_source(m, d, floats) for _ in range(sources)]
    while len(results) < ops + sources:
        unread = [x for x in results[:sources] if not m.is_read(x)]
        y = lively(m, d, partial(_step, m, d, unread or results))
        if y is not None:
            results.append(y)
    return results


def _source(m: ModelBuilder, d: Draw, floats: bool) -> Tensor:
    """A model input, quantized."""
    while True:
        shape = d.image()
        if LEAST_ELEMENTS <= math.prod(shape) <= MOST_ELEMENTS:
            break
    return unary.quantize(m, d, m.tensor(shape, "float32")) if floats else d.activations(m, shape)


def _step(m: ModelBuilder, d: Draw, results: Sequence[Tensor]) -> Tensor:
    """Apply a random op that fits to a result, mostly to the newest."""
    large = [x for x in results if math.prod(x.shape) >= LEAST_ELEMENTS]
    while True:
        x = large[-1] if d.chance(0.7) else d.pick(large)
        code = d.pick(CODES)
        if _fits(code, x):
            break
    others = [t for t in results if t is not x]
    if code in BINARY and d.chance(0.6):
        partners = [t for t in others if binary.broadcasts(x.shape, t.shape)]
        if partners:
            other = d.pick(partners)
            if code in ("MINIMUM", "MAXIMUM"):
                other = _requantized(m, other, x)
            return BINARY[code](m, d, x, other)
    if code == "CONCATENATION":
        partners = [t for t in others if t.shape == x.shape][-3:]
        return layout.concatenation(m, d, x, [_requantized(m, t, x) for t in partners])
    return GENERATORS[code].append(m, d, x)


def _fits(code: str, x: Tensor) -> bool:
    """Whether the op takes such an input and leaves the graph small."""
    least, most = GENERATORS[code].ranks
    if not least <= len(x.shape) <= most or math.prod(x.shape) > MOST_ELEMENTS:
        return False
    if code == "SQUEEZE":
        return 1 in x.shape
    return code not in ("LOGISTIC", "TANH") or x.scale < 4


def _requantized(m: ModelBuilder, x: Tensor, to: Tensor) -> Tensor:
    """``x`` with the scale and zero point of ``to``, by a QUANTIZE if they differ."""
    if (x.scale, x.zero_point) == (to.scale, to.zero_point):
        return x
    y = layout.like(m, to, x.shape)
    m.op("QUANTIZE", [x], [y])
    return y
