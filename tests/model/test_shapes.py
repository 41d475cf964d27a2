"""Stored shapes are compared with those that ops make: right ones pass, wrong ones have a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fwgen.cli import main
from fwgen.model.graph import Graph
from fwgen.model.reader import read_all
from fwgen.ops.parts.shapes import SHAPES, contradictions
from tests.npu import npu_graphs, npu_models
from tests.tflite_models import OPERATORS, ModelBuilder, random_graph, random_op_model
from tests.tflite_models.huge import quantized

SEEDS = 4


def models() -> Iterator[tuple[str, bytes]]:
    """Models that TFLM accepts: of each operator that fwgen has, of those that NPUs have, many."""
    for seed in range(SEEDS):
        for code in OPERATORS:
            yield code, random_op_model(code, np.random.default_rng(seed))
        for code in npu_models.MAKERS:
            yield code, npu_models.op_model(code, "int8", np.random.default_rng(seed))
        for block in npu_graphs.BLOCKS:
            yield block, npu_graphs.block_model(np.random.default_rng(seed), (block,))
        yield "graph", random_graph(np.random.default_rng(seed), 12)


@pytest.fixture(scope="module")
def graphs() -> list[tuple[str, Graph]]:
    return [(name, read_all(data, name)[0]) for name, data in models()]


def test_shapes_of_sound_models_contradict_nothing(graphs: list[tuple[str, Graph]]) -> None:
    assert not [(name, found) for name, graph in graphs if (found := contradictions(graph))]


def test_wrong_shapes_are_found(graphs: list[tuple[str, Graph]]) -> None:
    """A dimension more or less of any output that an op with a line makes."""
    tried, missed = set(), []
    for name, graph in graphs:
        for op in graph.ops:
            output = graph.output(op)
            if op.code not in SHAPES or not output.shape:
                continue
            for axis in range(len(output.shape)):
                shape = [*output.shape]
                shape[axis] += 1
                tensors = list(graph.tensors)
                tensors[output.index] = replace(output, shape=tuple(shape))
                wrong = replace(graph, tensors=tuple(tensors))
                if not any(fault.op == op.index for fault in contradictions(wrong)):
                    missed.append((name, op.code, output.shape))
            tried.add(op.code)
    # constants that say a shape may be made by other ops, and such an op is not looked at
    assert len(missed) < 10, missed[:20]
    assert len(tried) > 30, sorted(tried)


def dilated(stored: int) -> bytes:
    """Windows apart as TensorFlow has them, the batch between stored as ``stored``."""
    m = ModelBuilder()
    x = quantized(m, (1, 20, 4))
    block, none = m.tensor((1,), "int32", data=[2]), m.tensor((1, 2), "int32", data=[[0, 0]])
    apart, y = quantized(m, (stored, 10, 4)), quantized(m, (1, 20, 4))
    m.op("SPACE_TO_BATCH_ND", [x, block, none], [apart])
    m.op("BATCH_TO_SPACE_ND", [apart, block, none], [y])
    return m.build()


@pytest.mark.parametrize("command", [["inspect"], ["build", "-b", "corstone-300"]])
def test_a_batch_that_was_left_open_is_refused_by_name(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "dilated.tflite"
    model.write_bytes(dilated(stored=1))
    words = [command[0], str(model), *command[1:]]
    for npu in ([], ["--npu", "ethos-u55-128"]) if command[0] == "build" else ([],):
        assert main([*words, *npu]) == 3
        said = capsys.readouterr().err
        assert "tensor 3 has shape [1, 10, 4], but SPACE_TO_BATCH_ND makes [2, 10, 4]" in said
        assert "batch_size=1" in said and f"at:  {model}: op 0" in said
        assert "no SPACE_TO_BATCH_ND" not in said or not npu


def test_the_batch_that_is_stored_right_contradicts_nothing() -> None:
    assert not contradictions(read_all(dilated(stored=2), "dilated")[0])


@pytest.mark.parametrize(
    ("sizes", "sound"), [((2, -1, 3), True), ((2, 5, 3), True), ((2, 4, 3), False)]
)
def test_a_part_whose_size_is_left_open_has_what_the_others_leave(
    sizes: tuple[int, ...], sound: bool
) -> None:
    m = ModelBuilder()
    x = quantized(m, (1, 10, 4))
    listed, axis = m.tensor((3,), "int32", data=list(sizes)), m.tensor((), "int32", data=1)
    parts = [quantized(m, (1, size, 4)) for size in (2, 5, 3)]
    m.op("SPLIT_V", [x, listed, axis], parts, num_splits=3)
    assert bool(contradictions(read_all(m.build(), "parts")[0])) is not sound
