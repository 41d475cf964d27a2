"""Whether TFLM and the reference kernels say the same of models that fwgen takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from fwgen.contract.node import Node
from fwgen.errors import FwgenError
from fwgen.model.control import CONTROL
from fwgen.model.graph import Graph
from fwgen.model.inputs import seeded_inputs
from fwgen.model.reader import read_model
from fwgen.ops import index_ranges, operators
from tests.kernels import on_this_machine as kernels
from tests.kernels.graph_builder import stateless
from tests.ops.drawn import MOST_STEPS, tflm_outputs
from tests.tflite_models.cases import OPERATORS, as_it_is, cases_of
from tests.tflite_models.tflm import load

MOST_BYTES = 1 << 18
"""Of all tensors of a model that is tried: TFLM has some times as much memory in tests."""

KINDS = 4
"""Of inputs, in turns: noise, gradients, values near zero, and extremes."""

TOGETHER = 40
"""Models of which one program is compiled."""


@dataclass(frozen=True)
class Taken:
    """A model that fwgen takes, with inputs."""

    name: str
    model: bytes
    graph: Graph
    inputs: list[np.ndarray]


@dataclass(frozen=True)
class Said:
    """What becomes of a model: ``fault`` is what is wrong, or empty."""

    name: str
    fault: str
    by_tflm: bool


def taken(models: Iterable[tuple[str, bytes]]) -> Iterator[Taken]:
    """Those that fwgen takes and TFLM has room for.

    Left out are loops and branches, ops that TFLM lacks, and those whose output it leaves open.
    """
    kinds = cycle(range(KINDS))
    for name, model in models:
        try:
            read = read_model(model, "m")
            graph = load(model)
        except FwgenError:
            continue
        codes = {op.code for op in graph.ops}
        if CONTROL & codes or any(operators()[code].leaves_open for code in codes):
            continue
        if any(operators()[op.code].stand_in(Node(graph, op)) is not None for op in graph.ops):
            continue
        if any(t.bytes < 0 for t in graph.tensors):  # one that nothing reads
            continue
        if sum(t.bytes for t in graph.tensors) > MOST_BYTES:
            continue
        inputs = seeded_inputs(graph, KINDS, 0, index_ranges(read))[next(kinds)]
        inputs = [_within(graph, values) for values in inputs]
        mended = _mended(graph, inputs)
        if mended is not None:
            yield Taken(name, model, graph, mended)


def _mended(graph: Graph, inputs: list[np.ndarray]) -> list[np.ndarray] | None:
    """The inputs with values on which no op stops; None where an op inside might."""
    given = dict(zip(graph.inputs, inputs, strict=True))
    for op in graph.ops:
        mend = cases_of(op.code).mend if op.code in OPERATORS else as_it_is
        if mend is as_it_is:
            continue
        for place, index in enumerate(op.inputs):
            tensor = graph.tensors[index]
            if index in given:
                point = tensor.zero_point if tensor.quant else 0
                given[index] = mend(place, point, given[index])
            elif tensor.data is None:
                return None
    return [given[index] for index in graph.inputs]


def _within(graph: Graph, values: np.ndarray) -> np.ndarray:
    """Floats whose quotient by every scale fits 32 bits: TFLM's are undefined beyond."""
    if values.dtype.kind != "f":
        return values
    scales = [s for t in graph.tensors if t.quant for s in t.quant.scales if s > 0]
    bound = min(scales, default=1.0) * MOST_STEPS
    return np.clip(values, -bound, bound).astype(values.dtype)


def said(models: Iterable[tuple[str, bytes]]) -> Iterator[Said]:
    """What TFLM and the kernels say of each model that is taken."""
    found = taken(models)
    while batch := [*islice(found, TOGETHER)]:
        right = tflm_outputs([(one.model, one.inputs) for one in batch])
        cases = [
            (stateless(one.graph), [*one.inputs, *(v.initial for v in one.graph.variables)])
            for one in batch
        ]
        for one, wanted, tensors in zip(batch, right, kernels.run(cases), strict=True):
            if wanted is None:
                yield Said(one.name, "TFLM does not run it", by_tflm=False)
                continue
            got = [tensors[t] for t in one.graph.outputs]
            same = all(
                (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
                for a, b in zip(got, wanted, strict=True)
            )
            yield Said(one.name, "" if same else "other bytes", by_tflm=True)
