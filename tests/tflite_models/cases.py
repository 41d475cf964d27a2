"""What tests know of each operator: a module of ``tests/ops/cases``, found by its name.

``tests/ops/cases/relu6.py`` holds the ``CASES`` of RELU6. The tests of operators, the random graphs
and the fuzzers take them from here; no list names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np

from .builder import ModelBuilder, Tensor
from .draw import Draw
from .inputs import random_inputs

FOLDER = Path(__file__).parents[1] / "ops" / "cases"

Run = tuple[bytes, Sequence[np.ndarray]]
"""A model of one op and an array for each of its inputs."""

Quantized = tuple[float, int]
"""Scale and zero point of a tensor."""


@dataclass(frozen=True)
class Refused:
    """A model that ``check`` must refuse, and words of the sentence.

    ``by_tflm`` says that TFLM refuses it, too.
    """

    words: str
    model: bytes
    by_tflm: bool = False


def nothing() -> tuple[()]:
    """No cases."""
    return ()


def as_it_is(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """``Cases.mend`` of ops that are defined for all numbers."""
    return values


def any_tensor(x: Tensor) -> bool:
    """``Cases.fits`` of ops that take every tensor of as many dimensions as they state."""
    return True


@dataclass(frozen=True)
class Cases:
    """How to make models of one operator, and which ones must be tried.

    ``append`` adds the op on a tensor, with random options, operands and outputs, and returns an
    output. ``place`` is that of the tensor among the op's inputs. ``ranks`` are the least and most
    dimensions that it may have, ``dtype`` is its type, and ``floats`` how often it is float32
    instead. ``fits`` says which results of other ops it may read in a random graph. ``combine`` is
    ``append`` of an op with two operands for a given pair, of which ``same_quant`` says that both
    need the same scale and zero point; ``join`` is that of an op with any number of operands of one
    scale and zero point. ``mend`` makes of values for the operand at a place, of a zero point,
    those on which TFLM does not stop with an error.

    ``edges`` are models that must compute as TFLM does. ``left_open`` are models with the output
    that fwgen gives where TFLM's is undefined. ``scales`` are further scales and zero points with
    which all values of a unary op, or all pairs of values, are tried: of each operand and of the
    output. ``refused`` are models that ``check`` refuses. ``unstated`` are element types that TFLM
    takes and the operator does not so far. ``counted`` are models with their
    multiply-accumulates.
    """

    append: Callable[[ModelBuilder, Draw, Tensor], Tensor]
    ranks: tuple[int, int] = (1, 5)
    floats: float = 0.0
    dtype: str = "int8"
    fits: Callable[[Tensor], bool] = any_tensor
    place: int = 0
    combine: Callable[[ModelBuilder, Draw, Tensor, Tensor], Tensor] | None = None
    same_quant: bool = False
    join: Callable[[ModelBuilder, Draw, Tensor, Sequence[Tensor]], Tensor] | None = None
    mend: Callable[[int, int, np.ndarray], np.ndarray] = as_it_is
    edges: Callable[[], Iterable[Run]] = nothing
    left_open: Callable[[], Iterable[tuple[bytes, Sequence[np.ndarray], np.ndarray]]] = nothing
    scales: Callable[[], Iterable[Sequence[Quantized]]] = nothing
    refused: Callable[[], Iterable[Refused]] = nothing
    unstated: tuple[str, ...] = ()
    counted: Callable[[], Iterable[tuple[bytes, int]]] = nothing

    def source(self, m: ModelBuilder, d: Draw, dtype: str | None = None) -> Tensor:
        """A new model input; without a ``dtype`` what the cases say."""
        shape = d.image() if self.ranks == IMAGE else d.shape(d.integer(*self.ranks), 6, 400)
        if dtype is None:
            dtype = "float32" if d.chance(self.floats) else self.dtype
        return d.activations(m, shape, dtype)


IMAGE = (4, 4)
"""``ranks`` of ops on (batches, rows, columns, channels)."""


OPERATORS = tuple(sorted(path.stem.upper() for path in FOLDER.glob("*.py")))
"""The operators that have cases."""


@cache
def cases_of(code: str) -> Cases:
    """The ``CASES`` of an operator."""
    found: Cases = import_module(f"tests.ops.cases.{code.lower()}").CASES
    return found


def random_op_model(code: str, rng: np.random.Generator, dtype: str | None = None) -> bytes:
    """A model of one op: random and edge shapes, quantization and options.

    Without a ``dtype`` of its first operand it has those that ``Cases.source`` draws.
    """
    draw, m, cases = Draw(rng), ModelBuilder(), cases_of(code)
    cases.append(m, draw, cases.source(m, draw, dtype))
    return m.build()


def run_of(model: bytes, seed: int = 1) -> Run:
    """``model`` with random inputs."""
    return model, random_inputs(model, np.random.default_rng(seed))
