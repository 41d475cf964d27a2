"""Models of many random ops with branches, residual sums and concatenations."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from functools import partial

import numpy as np

from fwgen.contract.operator import Operator
from fwgen.ops import operators

from . import binary
from .builder import ModelBuilder, Tensor
from .cases import OPERATORS, cases_of
from .draw import Draw
from .liveliness import hiding, lively

LEAST_ELEMENTS, MOST_ELEMENTS = 8, 800
CODES = (
    *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "EXPAND_DIMS"),
    *("FULLY_CONNECTED", "LOGISTIC", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM", "MUL", "PAD"),
    *("QUANTIZE", "RELU", "RELU6", "RESHAPE", "SOFTMAX", "SQUEEZE", "STRIDED_SLICE", "SUB"),
    *("TANH", "TRANSPOSE"),
    *3 * ("CONV_2D", "DEPTHWISE_CONV_2D", "ADD"),
)
"""What the ops of graphs are drawn from. It stays as it is, as do the graphs of all seeds."""

NEWER = tuple(code for code in OPERATORS if code not in (*CODES, "DEQUANTIZE"))
"""Operators that came later: some graphs end in one, drawn by a stream of its own."""

TFLM_HAS = tuple(code for code in NEWER if operators()[code].stand_in is Operator.stand_in)
"""Those of them that TFLM runs by itself, and not by a table that stands in for them."""

NEWER_SHARE = min(0.3, 4 / len(NEWER))


def random_graph(
    rng: np.random.Generator,
    ops: int = 12,
    batches: Sequence[int] = (),
    newer: Sequence[str] | None = None,
) -> bytes:
    """A model of ``ops`` ops on int8 and a few that quantize, with one or two inputs.

    The first dimensions of its inputs are of ``batches``, if there are any.

    Its outputs are the results that no op reads, sometimes one that is read, and those of weights
    in which a fault would not show otherwise. In one of four models outputs and inputs are float32.
    Some end in ops of ``newer``, which are ``NEWER`` if nothing else is said.
    """
    seed = zlib.crc32(repr(rng.bit_generator.state).encode())
    d = Draw(rng, tame=True)
    d.batches = batches or d.batches
    m = ModelBuilder()
    floats = d.chance(0.25)
    results = grow(m, d, ops, floats)
    outputs = m.unread()
    if d.chance(0.3) and results[-2] not in outputs:
        outputs.append(results[-2])
    outputs += [y for y in hiding(m, d, outputs) if y not in outputs]
    for code in NEWER if newer is None else newer:
        outputs += _ending(m, code, seed, results)
    if floats:
        outputs = [dequantized(m, y) if y.dtype == "int8" else y for y in outputs]
    return m.build(outputs=outputs)


def dequantized(m: ModelBuilder, x: Tensor) -> Tensor:
    """``x`` as float32."""
    y = m.tensor(x.shape, "float32")
    m.op("DEQUANTIZE", [x], [y])
    return y


def _ending(m: ModelBuilder, code: str, seed: int, results: Sequence[Tensor]) -> list[Tensor]:
    """The output of an op that reads one of the results, in a share of the graphs."""
    d = Draw(np.random.default_rng([seed, zlib.crc32(code.encode())]), tame=True)
    sources = [x for x in results if _fits(code, x)]
    if not sources or not d.chance(NEWER_SHARE):
        return []
    x = d.pick(sources)
    y = lively(m, d, lambda: cases_of(code).append(m, d, x))
    return [] if y is None else [y]


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
    if not floats:
        return d.activations(m, shape)
    return cases_of("QUANTIZE").append(m, d, m.tensor(shape, "float32"))


def _step(m: ModelBuilder, d: Draw, results: Sequence[Tensor]) -> Tensor:
    """Apply a random op that fits to a result, mostly to the newest."""
    large = [x for x in results if math.prod(x.shape) >= LEAST_ELEMENTS]
    while True:
        x = large[-1] if d.chance(0.7) else d.pick(large)
        code = d.pick(CODES)
        if _fits(code, x):
            break
    others = [t for t in results if t is not x]
    cases = cases_of(code)
    if cases.combine is not None and d.chance(0.6):
        partners = [t for t in others if binary.broadcasts(x.shape, t.shape)]
        if partners:
            other = d.pick(partners)
            if cases.same_quant:
                other = _requantized(m, other, x)
            return cases.combine(m, d, x, other)
    if cases.join is not None:
        partners = [t for t in others if t.shape == x.shape][-3:]
        return cases.join(m, d, x, [_requantized(m, t, x) for t in partners])
    return cases.append(m, d, x)


def _fits(code: str, x: Tensor) -> bool:
    """Whether the op takes such an input and leaves the graph small."""
    cases = cases_of(code)
    least, most = cases.ranks
    if (
        x.dtype != cases.dtype
        or not least <= len(x.shape) <= most
        or math.prod(x.shape) > MOST_ELEMENTS
    ):
        return False
    return cases.fits(x)


def _requantized(m: ModelBuilder, x: Tensor, to: Tensor) -> Tensor:
    """``x`` with the scale and zero point of ``to``, by a QUANTIZE if they differ."""
    if (x.scale, x.zero_point) == (to.scale, to.zero_point):
        return x
    y = m.like(to, x.shape)
    m.op("QUANTIZE", [x], [y])
    return y
