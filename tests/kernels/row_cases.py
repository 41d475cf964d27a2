"""Cases of a row: random ops for which it holds, from all generators that its operator has.

These are the operator's own and those in ``shapes/<operator>.py``, made so that each branch of each
kernel is reached. No list says which generator serves which row: one that never gives an op for
which the row holds is asked no more.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle, islice
from types import ModuleType

import numpy as np

from fwgen.model.graph import Graph
from tests.kernels.graph_builder import GraphBuilder, values_for
from tests.kernels.kernel_rows import Row, Way, ways
from tests.tflite_models.cases import IMAGE, OPERATORS
from tests.tflite_models.cases import cases_of as operator_cases
from tests.tflite_models.draw import Draw

TRIES = 40
"""Ops of a generator without one that holds, after which it is asked no more."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A graph of one op; ``plain`` computes the same by ops that have a reference.

    ``needs`` are CPU features that the op's calls want, whatever the row says.
    """

    graph: Graph
    plain: Graph
    needs: frozenset[str] = frozenset()


class NoCase(Exception):
    """What was drawn makes no case."""


Generator = Callable[[GraphBuilder, np.random.Generator], Drawn | Graph | None]
"""Appends an op to a builder; or gives what became of what it appended. Raises NoCase."""


@dataclass(frozen=True, eq=False)
class RowCase:
    """An op, inputs, and the ways in which the row may be called for it."""

    drawn: Drawn
    inputs: list[np.ndarray]
    ways: list[Way]

    @property
    def graph(self) -> Graph:
        return self.drawn.graph


def _of_operator(code: str, dtype: str | None, m: GraphBuilder, rng: np.random.Generator) -> None:
    cases, draw = operator_cases(code), Draw(rng)
    cases.append(m, draw, cases.source(m, draw, dtype))


def _large(code: str, dtype: str | None, m: GraphBuilder, rng: np.random.Generator) -> None:
    """Of about a thousand elements, in which what is done once does not count."""
    cases, draw = operator_cases(code), Draw(rng)
    shape = [1] * draw.integer(max(1, cases.ranks[0]), min(4, cases.ranks[1]))
    while np.prod(shape) < 600:  # the generators' bound is 1500
        shape[int(rng.integers(0, len(shape)))] *= 2
    if dtype is None:
        dtype = "float32" if draw.chance(cases.floats) else cases.dtype
    cases.append(m, draw, draw.activations(m, shape, dtype))


def generators_of(row: Row) -> list[Generator]:
    """All generators of ops that the row may be for."""
    code, found = row.operator, []
    if code in OPERATORS:
        for dtype in row.first_types:
            found.append(partial(_of_operator, code, dtype))
            if operator_cases(code).ranks != IMAGE:
                found.append(partial(_large, code, dtype))
    shapes = shapes_of(code)
    return found if shapes is None else [*found, *shapes.GENERATORS]


def drawn_by(generator: Generator, rng: np.random.Generator) -> Drawn | None:
    """An op of a generator; None if it makes none."""
    m = GraphBuilder()
    try:
        made = generator(m, rng) or m.build()
    except NoCase:
        return None
    drawn = Drawn(made, made) if isinstance(made, Graph) else made
    return drawn if len(drawn.graph.ops) == 1 else None


LEAST = 16
"""Cases of a row, however good they are and with however many other rows it shares its C."""


def cases_of(row: Row, count: int, seed: int) -> list[RowCase]:
    """Cases of a row, as many of each generator that has any.

    ``shapes/<operator>.py`` may state in ``EACH`` that a case is as good as several.
    """
    each = getattr(shapes_of(row.operator), "EACH", 1)
    return list(islice(_cases(row, seed), max(LEAST, count // each)))


def shapes_of(code: str) -> ModuleType | None:
    """The module of an operator, or that of all of signal processing."""
    stem = "signal" if code.startswith("SIGNAL_") else code.lower()
    name = f"tests.kernels.shapes.{stem}"
    return None if find_spec(name) is None else import_module(name)


def _cases(row: Row, seed: int) -> Iterator[RowCase]:
    rng = np.random.default_rng([seed, zlib.crc32(row.id.encode())])
    left = {k: g for k, g in enumerate(generators_of(row))}
    dry = dict.fromkeys(left, 0)
    for k in cycle(range(len(left))):
        if not left:
            return
        while k in left:
            drawn = drawn_by(left[k], rng)
            if drawn is not None and row.holds(drawn.graph):
                dry[k] = -10 * TRIES  # it has some, however few
                yield RowCase(drawn, values_for(drawn.graph, rng), ways(row, drawn.graph))
                break
            dry[k] += 1
            if dry[k] >= TRIES:
                del left[k]
