"""Random loops and branches that are decided when the model runs: by values of its inputs.

They pass values through, swap them, give constants and several results, call each other, and read
and assign variables.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .builder import ModelBuilder, Tensor
from .draw import Draw
from .loops import changed, number

MOST_STEPS = 5
MOST_DEPTH = 2


def random_decisions(rng: np.random.Generator) -> bytes:
    """A model of one to three loops and branches on int8, some of which keep variables."""
    m, d = ModelBuilder(), Draw(rng, tame=True)
    x = m.tensor((1, d.integer(2, 7)), scale=0.05, zero_point=d.integer(-128, 127))
    decided = Decided(m, d)
    y, ends = changed(m, d, x), list[Tensor]()
    for _ in range(d.integer(1, 3)):
        y, *more = decided.append(m, y, 0)
        ends += more
        if d.chance(0.3):
            y = changed(m, d, y)
    ends += decided.read()
    return m.build([x], list(dict.fromkeys((changed(m, d, y), *ends))))


@dataclass
class Decided:
    """Loops and branches of a model whose main subgraph is ``whole``; ``kept`` are the variables
    that they assign, by name. Names begin with ``stem``."""

    whole: ModelBuilder
    d: Draw
    stem: str = "decided"
    kept: dict[str, Tensor] = field(default_factory=dict)

    def append(self, m: ModelBuilder, x: Tensor, depth: int) -> list[Tensor]:
        """Append one that works on a quantized int8 tensor; its results, the first like that."""
        return (self.loop if self.d.chance(0.5) else self.branch)(m, x, depth)

    def read(self) -> list[Tensor]:
        """What is in some of the variables now."""
        found = []
        for name, kept in self.kept.items():
            if self.d.chance(0.5):
                found.append(self.whole.like(kept, kept.shape))
                self.whole.op("READ_VARIABLE", [self.whole.variable(name)], [found[-1]])
        return found

    def branch(self, m: ModelBuilder, x: Tensor, depth: int) -> list[Tensor]:
        """IF, of which one branch in three gives what it got, or a constant."""
        results = self.d.integer(1, 2)
        indices = []
        for _ in range(2):
            index, s = self.whole.subgraph()
            given = [s.like(x, x.shape) for _ in range(2)]
            s.returns(given, [self._result(s, given, depth) for _ in range(results)])
            indices.append(index)
        place = m.tensor((1,), "int32")
        self._greatest(m, x, place)
        holds = m.tensor((1,), "bool")
        end = self.d.integer(1, math.prod(x.shape) - 1)
        m.op("LESS", [place, m.tensor((1,), "int32", data=[end])], [holds])
        outputs = [m.like(x, x.shape) for _ in range(results)]
        calls = {"then_subgraph_index": indices[0], "else_subgraph_index": indices[1]}
        m.op("IF", [holds, x, changed(m, self.d, x)], outputs, **calls)
        return outputs

    def loop(self, m: ModelBuilder, x: Tensor, depth: int) -> list[Tensor]:
        """WHILE, of as many steps as the input says, at most ``MOST_STEPS``."""
        condition, c = self.whole.subgraph()
        again, held = number(c, dtype="bool"), self._carried(c, x)
        c.op("LESS", held[:2], [again])
        c.returns(held, [again])
        body, b = self.whole.subgraph()
        held, later = self._carried(b, x), number(b)
        b.op("ADD", [held[0], number(b, 1)], [later])
        values = [self._result(b, held[2:], depth), self.d.pick(held[2:4])]
        b.returns(held, [later, held[1], *(values[::-1] if self.d.chance(0.3) else values)])
        few, steps = number(m), number(m)
        place = m.tensor((1,), "int32")
        self._greatest(m, x, place)
        m.op("RESHAPE", [place, m.tensor((0,), "int32", data=[])], [few])
        m.op("MINIMUM", [few, number(m, self.d.integer(1, MOST_STEPS))], [steps])
        outputs = self._carried(m, x)
        inputs = [number(m, 0), steps, x, changed(m, self.d, x)]
        m.op("WHILE", inputs, outputs, cond_subgraph_index=condition, body_subgraph_index=body)
        return [*outputs[2:], outputs[0]] if self.d.chance(0.5) else outputs[2:]

    def _carried(self, m: ModelBuilder, x: Tensor) -> list[Tensor]:
        return [number(m), number(m), m.like(x, x.shape), m.like(x, x.shape)]

    def _greatest(self, m: ModelBuilder, x: Tensor, place: Tensor) -> None:
        """The place of the greatest element, which differs from input to input."""
        size = math.prod(x.shape)
        flat = m.like(x, (1, size))
        m.op("RESHAPE", [x, m.tensor((2,), "int32", data=[1, size])], [flat])
        m.op("ARG_MAX", [flat, number(m, 1)], [place], output_type="INT32")

    def _result(self, s: ModelBuilder, given: Sequence[Tensor], depth: int) -> Tensor:
        """What a branch or body makes of its inputs."""
        d, x = self.d, self.d.pick(given)
        if d.chance(0.15):
            return x
        if d.chance(0.1):
            return s.tensor(
                x.shape, scale=x.scale, zero_point=x.zero_point, data=d.values(x.shape, "int8")
            )
        y = changed(s, d, x)
        if d.chance(0.35):
            y = self._assign(s, y)
        if depth < MOST_DEPTH and d.chance(0.35):
            y = self.append(s, y, depth + 1)[0]
        if d.chance(0.2):
            flat = s.like(y, (math.prod(y.shape),))
            s.op("RESHAPE", [y, s.tensor((1,), "int32", data=flat.shape)], [flat])
            y = s.like(y, y.shape)
            s.op("RESHAPE", [flat, s.tensor((len(y.shape),), "int32", data=y.shape)], [y])
        return y

    def _assign(self, s: ModelBuilder, x: Tensor) -> Tensor:
        """Give a variable another value, and read it before or after."""
        names = [name for name, kept in self.kept.items() if kept.shape == x.shape]
        name = f"{self.stem} {len(self.kept)}"
        if names and self.d.chance(0.5):
            name = self.d.pick(names)
        self.kept.setdefault(name, x)
        old, new, handle = s.like(x, x.shape), s.like(x, x.shape), s.variable(name)
        s.op("READ_VARIABLE", [handle], [old])
        s.op(self.d.pick(("ADD", "MAXIMUM", "SUB")), [old, x], [new])
        s.op("ASSIGN_VARIABLE", [handle, self.d.pick((x, new))], [])
        return new
