"""CIRCULAR_BUFFER over many inferences, and what of it TFLM does in no way that can be built."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from fwgen.errors import ModelError
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from tests.kernels import on_this_machine as kernels
from tests.kernels.graph_builder import stateless
from tests.tflite_models import ModelBuilder
from tests.tflite_models.draw import Draw
from tests.tflite_models.liveliness import answers

MODELS, STEPS = 12, 9
ROW, WINDOW = (1, 1, 2, 3), (1, 4, 2, 3)


def made(
    row: Sequence[int] = ROW,
    window: Sequence[int] = WINDOW,
    *,
    variable: bool = True,
    dtype: str = "int8",
    scale: float | Sequence[float] | None = 0.5,
    axis: int = 0,
    **options: object,
) -> bytes:
    """A window whose old rows are read, too; it is an output itself."""
    m = ModelBuilder()
    x = m.tensor(row, dtype, scale=0.5, zero_point=-7)
    kept = m.tensor(window, dtype, scale=scale, zero_point=-7, axis=axis, variable=variable)
    outputs = [kept]
    if variable:
        outputs.append(m.like(kept, kept.shape))
        m.op("RELU", [kept], [outputs[-1]])
    m.op("CIRCULAR_BUFFER", [x], [kept], **options)
    outputs.append(m.like(kept, kept.shape))
    m.op("RELU", [kept], [outputs[-1]])
    return m.build([x], outputs)


def graph_of(model: bytes) -> Graph:
    return resolve(read_model(model, "m"))


def test_sequences_are_those_of_tflm() -> None:
    """Kernels under sanitizers; in each step with the window of the inference before."""
    runs = []
    for seed in range(MODELS):
        rng = np.random.default_rng(seed)
        d = Draw(rng)
        sizes = d.integer(1, 4), d.extent(20)
        model = made((1, 1, *sizes), (1, d.integer(1, 7), *sizes), cycles_max=1)
        graph = graph_of(model)
        inputs = [[rng.integers(-128, 128, (1, 1, *sizes)).astype(np.int8)] for _ in range(STEPS)]
        runs.append((graph, inputs, answers(model, inputs)))
    windows = [graph.variables[0].initial for graph, _, _ in runs]
    assert all((window == -7).all() for window in windows)
    for step in range(STEPS):
        ran = kernels.run(
            [
                (stateless(graph), [*inputs[step], window])
                for (graph, inputs, _), window in zip(runs, windows, strict=True)
            ]
        )
        for (graph, _, answer), tensors in zip(runs, ran, strict=True):
            for index, wanted in zip(graph.outputs, answer[step], strict=True):
                assert tensors[index].tobytes() == wanted.tobytes(), f"step {step}"
        windows = [
            tensors[graph.variables[0].after]
            for (graph, _, _), tensors in zip(runs, ran, strict=True)
        ]


REFUSED = {
    "has no cycles_max": made(),
    "no cycles_max; TFLM guesses": made(cycles_max=0),
    "one of 2 inferences": made(cycles_max=2),
    "custom options are other": made(other=1),
    "does not say to be a variable": made(variable=False, cycles_max=1),
    "has 2 batches": made((2, *ROW[1:]), (2, *WINDOW[1:]), cycles_max=1),
    "dimensions, expected 4": made(ROW[1:], WINDOW[1:], cycles_max=1),
    "expected [1, 1, 2, 3]": made((1, 2, 2, 3), cycles_max=1),
    "supports int8": made(dtype="int16", cycles_max=1),
    "the same scale": made(scale=0.25, cycles_max=1),
    "needs one scale": made(scale=None, cycles_max=1),
    "one scale and zero point": made(scale=[0.5, 0.5, 0.5], axis=3, cycles_max=1),
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused_with_a_sentence(words: str) -> None:
    with pytest.raises(ModelError) as refused:
        graph_of(REFUSED[words])
    told = [fault.what for fault in refused.value.faults if fault.code == "CIRCULAR_BUFFER"]
    assert len(told) == 1 and words in told[0], told
    assert told[0].endswith(".")


def test_counts_of_operands() -> None:
    for inputs, outputs in ((0, 1), (2, 1), (1, 0), (1, 2)):
        m = ModelBuilder()
        x = m.tensor(ROW, scale=0.5)
        ys = [m.tensor(WINDOW, scale=0.5, variable=True) for _ in range(2)]
        m.op("CIRCULAR_BUFFER", [x] * inputs, ys[:outputs], cycles_max=1)
        y = m.like(x, ROW)
        m.op("RELU", [x], [y])
        with pytest.raises(ModelError):
            graph_of(m.build([x], [y]))


def test_a_window_is_written_once() -> None:
    m = ModelBuilder()
    x, window = m.tensor(ROW, scale=0.5), m.tensor(WINDOW, scale=0.5, variable=True)
    for _ in range(2):
        m.op("CIRCULAR_BUFFER", [x], [window], cycles_max=1)
    with pytest.raises(ModelError, match="was written before"):
        graph_of(m.build([x], [window]))


def test_nothing_of_the_old_window_is_the_new_one() -> None:
    """The reader gives the old value a tensor of its own, which ops before read."""
    graph = graph_of(made(cycles_max=1))
    (variable,) = graph.variables
    before, slid, after = graph.ops
    assert before.inputs == (variable.before,) and after.inputs == (variable.after,)
    assert slid.inputs[0] == variable.before and slid.outputs == (variable.after,)
    assert variable.before != variable.after
