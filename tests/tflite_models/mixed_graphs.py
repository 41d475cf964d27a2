"""Models in which all operators and element types mix, with state, in chains and branches.

The operators come from their cases, the types from what they state: a new operator takes part.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from tflite_micro import runtime

from fwgen.errors import ModelError
from fwgen.model.reader import read_model
from fwgen.ops import examined, index_ranges, operators, require_none
from tests.ops.drawn import types_of

from . import binary, streams
from .builder import ModelBuilder, Tensor
from .cases import IMAGE, OPERATORS, cases_of
from .decided import Decided
from .draw import Draw
from .inputs import DTYPES, random_inputs
from .liveliness import WEIGHTED

MOST_ELEMENTS, MOST_INPUTS, TRIES, STEPS = 800, 5, 8, 4
ARENA_BYTES = 2 << 20
STREAMS = 9
"""How often a variable that is read and assigned is drawn, or a loop or branch that is decided when
the model runs, where each operator is drawn once."""

SCALED = ("int8", "int16", "uint8")


class MixedDraw(Draw):
    """Choices without wild scales: what a tame draw makes constant is an operand now and then."""

    def wild(self) -> bool:
        return False


@dataclass
class MixedGraph:
    """A model that grows. ``results`` are what ops may read; ``used`` are its operators and the
    types that they read; ``refused`` are what fwgen said of ops that TFLM computes."""

    d: MixedDraw
    m: ModelBuilder = field(default_factory=ModelBuilder)
    results: list[Tensor] = field(default_factory=list)
    used: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[str, bytes]] = field(default_factory=list)

    def step(self) -> None:
        """Append one random op, or none if it is none that TFLM computes."""
        self.d.tame = self.d.chance(0.6)
        code = self.d.pick((*OPERATORS, *STREAMS * ("",)))
        types = [t for t in types_of(code) if t != "float32"] if code else ["int8"]
        if not types:
            return
        dtype = self.d.pick(types)
        for _ in range(TRIES):
            if self._tried(code, dtype):
                self.used.append((code or "variable", dtype))
                return

    def _tried(self, code: str, dtype: str) -> bool:
        """Whether the op was appended, on a copy of the model that takes its place."""
        before, self.m = self.m, self.m.copy()
        mark = self.m.mark()
        x = _adapted(self, code, dtype)
        if x is not None:
            middle = self.m.mark()
            self._append(code, x)
            made = self._made_since(middle)
            sound = _is_small(self.m, made) and self.m.goes_on(before)
            if sound and self._feed(code, middle):
                made += [t for t in self._made_since(mark) if t not in made]
                if self._computes(code, made):
                    self.results += filter(_is_readable, made)
                    return True
        self.m = before
        return False

    def _append(self, code: str, x: Tensor) -> None:
        m, d = self.m, self.d
        if not code:
            name = f"kept {len(self.used)}"
            if d.chance(0.35) and math.prod(x.shape) > 1:
                decided = Decided(m, d, name)
                decided.append(m, x, 0)
                decided.read()
            else:
                d.pick(streams.KINDS)(m, d, name, x)
            return
        cases = cases_of(code)
        others = [t for t in self.results if t.dtype == x.dtype and t is not x]
        if cases.combine is not None and d.chance(0.6):
            partners = [t for t in others if binary.broadcasts(x.shape, t.shape)]
            if partners:
                cases.combine(m, d, x, _alike(m, d.pick(partners), x, cases.same_quant))
                return
        if cases.join is not None and d.chance(0.7):
            partners = [t for t in others if t.shape == x.shape][-3:]
            cases.join(m, d, x, [_alike(m, t, x, True) for t in partners])
            return
        y = cases.append(m, d, x)
        if code in WEIGHTED and x.dtype == "int8" and d.chance(0.25):
            weights = next(t for t in m.since((0, 0))[0][::-1] if t.index == _weights(m, y))
            m.as_int4(weights)

    def _made_since(self, mark: tuple[int, int]) -> list[Tensor]:
        tensors, _ = self.m.since(mark)
        made = {t.index for t in self.m.made()}
        return [t for t in tensors if t.index in made and t.dtype != "resource"]

    def _feed(self, code: str, mark: tuple[int, int]) -> bool:
        """Whether new operands are right: they get the values of other results, where those have
        as many elements, and any value will do; indices are model inputs."""
        tensors, ops = self.m.since(mark)
        count = len(self.m.since((0, 0))[1])
        for fresh in filter(self.m.is_given, tensors):
            places = [inputs.index(fresh.index) for _, inputs in ops if fresh.index in inputs]
            if not all(_takes_all(code, place, fresh) for place in places):
                if operators()[code].indices is None:
                    return False
                continue
            size = math.prod(fresh.shape)
            same = [t for t in self.results if t.dtype == fresh.dtype]
            same = [t for t in same if math.prod(t.shape) == size and (t.scale or not fresh.scale)]
            if same and self.d.chance(0.9):
                _converted(self.m, self.d.pick(same[-4:]), fresh)
        made = len(self.m.since((0, 0))[1]) - count
        self.m.move_before(mark, made)
        inputs = [t for t in self.m.since((0, 0))[0] if self.m.is_given(t)]
        return len(inputs) <= MOST_INPUTS

    def _computes(self, code: str, made: Sequence[Tensor]) -> bool:
        """Whether TFLM computes the model, the results vary, and fwgen takes it."""
        model = self.m.build(outputs=made)
        graph, refusal = read_model(model, "m"), ""
        try:
            examined_graph, faults = examined(graph)
            require_none(examined_graph, faults)
        except ModelError as error:
            refusal = str(error)
        try:
            found = steps(model, self.d.rng, {} if refusal else index_ranges(graph))
        except (RuntimeError, ValueError):
            return False
        if refusal:
            self.refused.append((f"{code}: {refusal}", model))
            return False
        unread = code and operators()[code].unread
        return bool(unread) or any(_varies(values) for values in zip(*found, strict=True))


def mixed_graph(rng: np.random.Generator, ops: int = 14) -> tuple[bytes, MixedGraph]:
    """A model of about ``ops`` random ops, and what it was made from.

    Its outputs are all results that no op reads, and one that is read now and then; some are
    float32 at last. It is drawn anew where no op took what there was, so that nothing came out.
    """
    one = MixedGraph(MixedDraw(rng, tame=True))
    for _ in range(one.d.pick((1, 2, 2, 3))):
        one.results.append(_source(one.m, one.d))
    for _ in range(4 * ops):
        if len(one.used) == ops:
            break
        one.step()
    m, d = one.m, one.d
    outputs = [y for y in m.unread() if y.dtype != "resource"]
    if not outputs:
        return mixed_graph(rng, ops)
    read = [y for y in one.results if m.is_read(y) and y in m.made()]
    outputs += [d.pick(read)] if read and d.chance(0.3) else []
    ends = [_float_end(m, y) if d.chance(0.15) else y for y in outputs]
    return m.build(outputs=list(dict.fromkeys(ends))), one


def steps(
    model: bytes, rng: np.random.Generator, ranges: dict[int, tuple[range, ...]]
) -> list[list[np.ndarray]]:
    """TFLM's outputs for some inputs, one after the other."""
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES)
    graph = read_model(model, "m")
    found = []
    for _ in range(STEPS):
        for place, values in enumerate(random_inputs(model, rng)):
            if (of := ranges.get(graph.inputs[place])) is not None:
                least, most = max(each.start for each in of), min(each.stop for each in of)
                values = rng.integers(least, most, values.shape).astype(values.dtype)
            interpreter.set_input(values, place)
        interpreter.invoke()
        found.append([interpreter.get_output(i) for i in range(len(graph.outputs))])
    return found


def _source(m: ModelBuilder, d: Draw) -> Tensor:
    """A model input of a type that some operator reads; float32 is quantized at once."""
    fed = {dtype.name for dtype in DTYPES.values()}
    dtype = d.pick([t for code in OPERATORS for t in types_of(code) if t in fed])
    shape = d.image() if d.chance(0.6) else d.shape(d.integer(1, 4), 9, 400)
    x = d.activations(m, shape, dtype)
    if dtype != "float32":
        return x
    y = d.activations(m, shape, d.pick(("int8", "int16")))
    m.op("QUANTIZE", [x], [y])
    return y


def _adapted(one: MixedGraph, code: str, dtype: str) -> Tensor | None:
    """A result that the op reads, mostly a new one, after conversions of type and shape."""
    m, d = one.m, one.d
    least, most = cases_of(code).ranks if code else IMAGE
    new = [t for t in one.results if not m.is_read(t)]
    right = [t for t in one.results if t.dtype == dtype and least <= len(t.shape) <= most]
    sources = right if right and d.chance(0.6) else new if new and d.chance(0.7) else one.results
    x = d.pick(sources)
    size = math.prod(x.shape)
    if size > MOST_ELEMENTS:
        return None
    if x.dtype != dtype or (dtype in SCALED and not x.scale):
        kinds = [kind for kind in ("QUANTIZE", "CAST") if (x.dtype, dtype) in _pairs(kind)]
        if not kinds or (kinds[0] == "QUANTIZE" and not x.scale and kinds[1:] == []):
            return None
        kind = kinds[0] if dtype in SCALED and x.scale else kinds[-1]
        y = d.activations(m, x.shape, dtype)
        m.op(kind, [x], [y])
        x = y
    shape = x.shape
    if not least <= len(shape) <= most:
        shape = _factors(d, size, d.integer(least, most))
    if not code:
        shape = (1, *_factors(d, size, 3)) if shape[0] != 1 else shape
    if shape != x.shape:
        y = m.like(x, shape)
        m.op("RESHAPE", [x, m.tensor((len(shape),), "int32", data=shape)], [y])
        x = y
    place = cases_of(code).place if code else 0
    both = {0, 1} if code and cases_of(code).combine is not None else {place}
    if code and not (cases_of(code).fits(x) and all(_takes_all(code, p, x) for p in both)):
        return None
    return x


@cache
def _pairs(code: str) -> frozenset[tuple[str, str]]:
    """The types that an operator makes of types."""
    types = operators()[code].types
    words = ([one.word for one in each if one is not None] for each in types)
    return frozenset((each[0], each[-1]) for each in words)


def _factors(d: Draw, size: int, rank: int) -> tuple[int, ...]:
    """A shape of ``size`` elements."""
    left, shape = size, [1] * rank
    for prime in _primes(size):
        shape[d.integer(0, rank - 1)] *= prime
        left //= prime
    return tuple(shape)


def _primes(number: int) -> Iterable[int]:
    divisor = 2
    while number > 1:
        while number % divisor == 0:
            number //= divisor
            yield divisor
        divisor += 1


def _takes_all(code: str, place: int, x: Tensor) -> bool:
    """Whether the op is defined for all values of an operand."""
    if not code or x.dtype in ("bool", "float32"):
        return True
    limits = np.iinfo(x.dtype)
    ends = np.array([limits.min, -1 if limits.min else 1, x.zero_point, limits.max], x.dtype)
    mended = cases_of(code).mend(place, x.zero_point, ends)
    return np.array_equal(mended, ends)


def _alike(m: ModelBuilder, x: Tensor, to: Tensor, needed: bool) -> Tensor:
    """``x`` in the scale and zero point of ``to`` where that is needed."""
    if not needed or (x.scale, x.zero_point) == (to.scale, to.zero_point):
        return x
    y = m.like(to, x.shape)
    m.op("QUANTIZE", [x], [y])
    return y


def _converted(m: ModelBuilder, x: Tensor, to: Tensor) -> None:
    """Make ``to`` from a tensor of as many elements and the same type."""
    if (x.scale, x.zero_point) != (to.scale, to.zero_point) and to.scale:
        if x.shape == to.shape:
            m.op("QUANTIZE", [x], [to])
            return
        y = m.like(to, x.shape)
        m.op("QUANTIZE", [x], [y])
        x = y
    m.op("RESHAPE", [x, m.tensor((len(to.shape),), "int32", data=to.shape)], [to])


def _float_end(m: ModelBuilder, x: Tensor) -> Tensor:
    """``x`` as float32 where an op makes that."""
    for code in ("DEQUANTIZE", "CAST"):
        if (x.dtype, "float32") in _pairs(code) and (x.scale or code == "CAST"):
            y = m.tensor(x.shape, "float32")
            m.op(code, [x], [y])
            return y
    return x


def _weights(m: ModelBuilder, y: Tensor) -> int:
    """The index of the second input of the newest op."""
    return m.since((0, 0))[1][-1][1][1]


def _is_readable(x: Tensor) -> bool:
    """Whether ops in the middle read it: no floats, no int16 as no converter makes it."""
    return x.dtype != "float32" and not (x.dtype == "int16" and x.zero_point)


def _is_small(m: ModelBuilder, made: Sequence[Tensor]) -> bool:
    return bool(made) and all(math.prod(t.shape) <= 2 * MOST_ELEMENTS for t in made)


def _varies(values: Sequence[np.ndarray]) -> bool:
    """Whether a quarter of an output is not the same in all inferences."""
    flat = np.stack(values).reshape(len(values), -1)
    return bool(np.mean((flat != flat[0]).any(axis=0)) >= 0.25)
