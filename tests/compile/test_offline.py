"""``fwgen report --tflm``: the copy is the same model, and TFLM obeys its plan, which is valid."""

from __future__ import annotations

import re
import struct
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import tflite
from tflite_micro import runtime

from fwgen.compile.plan.offline import plan_offline, with_offline_plan
from fwgen.errors import ModelError
from fwgen.model.graph import ABSENT, Graph
from fwgen.model.metadata import with_metadata, without_offline_plan
from fwgen.model.reader import read_model
from fwgen.model.schema import Metadata, Model
from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen
from tests.model.graph_oracle import assert_as_tflite_reads
from tests.tflite_models import ModelBuilder, random_graph, random_inputs
from tests.tflite_models.graphs import TFLM_HAS
from tests.tflite_models.loops import random_calls
from tests.tflite_models.small import Number, Numbers, small_model, write
from tests.tflite_models.streams import random_stream
from tests.tflite_models.tflm import load

MODELS = [*OWN_MODELS, *REAL_MODELS]
HEADS = {"vww_96_int8": (73_728, 55_296), "mixed_ops": (1136, 912)}
"""Bytes that TFLM's own planner and ours need, where they differ."""


def entries(data: bytes) -> list[tuple[bytes, bytes]]:
    """A file's metadata as the ``tflite`` package reads it."""
    model = tflite.Model.GetRootAsModel(data, 0)
    found = []
    for number in range(model.MetadataLength()):
        entry = model.Metadata(number)
        buffer = model.Buffers(entry.Buffer())
        content = buffer.DataAsNumpy().tobytes() if buffer.DataLength() else b""
        found.append((entry.Name(), content))
    return found


def told(data: bytes) -> list[int]:
    """The words of the one plan in a file."""
    words = [content for name, content in entries(data) if name == b"OfflineMemoryAllocation"]
    assert len(words) == 1
    return [value for (value,) in struct.iter_unpack("<i", words[0])]


def tflm_run(data: bytes, inputs: list[np.ndarray], capfd: pytest.CaptureFixture[str]):
    """What TFLM needs for tensors and scratch, and its outputs."""
    interpreter = runtime.Interpreter.from_bytes(data, arena_size=1 << 20)
    capfd.readouterr()
    interpreter.print_allocations()
    head = re.search(r"head (\d+) bytes", "".join(capfd.readouterr()))
    assert head
    for number, values in enumerate(inputs):
        interpreter.set_input(values, number)
    interpreter.invoke()
    outputs = range(tflite.Model.GetRootAsModel(data, 0).Subgraphs(0).OutputsLength())
    return int(head[1]), [interpreter.get_output(number) for number in outputs]


def assert_valid(graph: Graph, offsets: list[int]) -> int:
    """No two tensors share a byte while both live; returns where the highest ends."""
    places = {}
    for index, tensor in enumerate(graph.tensors):
        written = [p for p, op in enumerate(graph.ops) if index in op.outputs]
        read = [p for p, op in enumerate(graph.ops) if index in op.inputs]
        first = -1 if index in graph.inputs else written[0] if written else None
        if tensor.data is not None or first is None:
            assert offsets[index] == ABSENT
            continue
        assert offsets[index] % 16 == 0 and offsets[index] >= 0
        last = len(graph.ops) if index in graph.outputs else max([first, *read])
        places[index] = (first, last, offsets[index], offsets[index] + tensor.bytes)
    for a, b in combinations(places.values(), 2):
        together = a[0] <= b[1] and b[0] <= a[1]
        assert not together or a[3] <= b[2] or b[3] <= a[2]
    return max(end for _, _, _, end in places.values())


def check_copy(original: bytes, copy: bytes) -> None:
    """The copy is the original in all but the plan."""
    graph = read_model(copy, "copy")
    assert_as_tflite_reads(graph, copy)
    assert_as_tflite_reads(read_model(original, "original"), original)
    old, new = (tflite.Model.GetRootAsModel(data, 0) for data in (original, copy))
    assert copy[4:8] == b"TFL3" and copy.endswith(original) and new.Version() == 3
    assert new.Description() == old.Description()
    assert new.OperatorCodesLength() == old.OperatorCodesLength()
    assert new.SignatureDefsLength() == old.SignatureDefsLength()
    assert new.MetadataBufferLength() == old.MetadataBufferLength()
    assert new.BuffersLength() == old.BuffersLength() + 1
    for number in range(old.BuffersLength()):
        a, b = old.Buffers(number), new.Buffers(number)
        assert a.DataLength() == b.DataLength()
        if a.DataLength():
            assert np.array_equal(a.DataAsNumpy(), b.DataAsNumpy())
            assert (b._tab.Vector(b._tab.Offset(4)) - a._tab.Vector(a._tab.Offset(4))) % 16 == 0
    assert entries(copy)[:-1] == [e for e in entries(original) if e[0] != entries(copy)[-1][0]]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_tflm_obeys_the_plan(
    fwgen: Fwgen, tmp_path: Path, path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = fwgen("report", path, "--tflm", "copy.tflite")
    assert done.returncode == 0, done.stderr
    assert "proven optimal" in done.stdout and [p.name for p in tmp_path.iterdir()] == [
        "copy.tflite"
    ]
    original, copy = path.read_bytes(), (tmp_path / "copy.tflite").read_bytes()
    check_copy(original, copy)
    graph = read_model(original, "m")
    version, subgraph, count, *offsets = told(copy)
    assert (version, subgraph, count, len(offsets)) == (1, 0, len(graph.tensors), count)
    top = assert_valid(graph, offsets)
    inputs = random_inputs(original, np.random.default_rng(1))
    before, expected = tflm_run(original, inputs, capfd)
    after, got = tflm_run(copy, inputs, capfd)
    for x, y in zip(expected, got, strict=True):
        assert x.tobytes() == y.tobytes()
    assert top <= after <= before
    if path.stem in HEADS:
        assert (before, after) == HEADS[path.stem]


WITH_SCRATCH = ("BATCH_MATMUL", "MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "TRANSPOSE_CONV")


@pytest.mark.parametrize("seed", range(16))
def test_random_graphs(seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    """TFLM's outputs stay what they were, in no more memory than its own plan takes.

    Some ops have scratch in TFLM, which finds a place for it only when all else has one.
    """
    rng = np.random.default_rng(seed)
    model = random_graph(rng, ops=4 + seed, newer=TFLM_HAS)
    graph = load(model)
    plan = plan_offline(graph)
    copy = with_offline_plan(model, graph, plan)
    check_copy(model, copy)
    assert assert_valid(graph, list(plan.offsets)) <= plan.arena_bytes
    inputs = random_inputs(model, rng)
    before, expected = tflm_run(model, inputs, capfd)
    after, got = tflm_run(copy, inputs, capfd)
    if not any(op.code in WITH_SCRATCH for op in graph.ops):
        assert after == plan.arena_bytes <= before
    for x, y in zip(expected, got, strict=True):
        assert x.tobytes() == y.tobytes()


def test_another_plan_replaces_the_first_and_keeps_the_rest() -> None:
    model = OWN_MODELS[0].read_bytes()
    graph = load(model)
    named = with_metadata(with_metadata(model, "a", b"1", "m"), "b" * 99, b"2" * 99, "m")
    plan = plan_offline(graph)
    once = with_offline_plan(named, graph, plan)
    twice = with_offline_plan(once, graph, plan)
    check_copy(named, once)
    check_copy(once, twice)
    assert told(twice) == told(once)
    assert (b"a", b"1") in entries(twice) and (b"b" * 99, b"2" * 99) in entries(twice)
    nowhere = without_offline_plan(twice, graph.at)
    assert set(told(nowhere)[3:]) == {-1}
    assert without_offline_plan(named, graph.at) is named


def test_a_model_that_assigns_variables_has_no_plan() -> None:
    """TFLM would refuse one that is longer than its list of tensors."""
    model = random_stream(np.random.default_rng(6))
    graph = load(model)
    plan = plan_offline(graph)
    with pytest.raises(ModelError, match="assigns variables"):
        with_offline_plan(model, graph, plan)
    assert without_offline_plan(model, graph.at) is model


def test_a_model_with_loops_or_branches_has_no_plan() -> None:
    model = random_calls(np.random.default_rng(1))
    graph = load(model)
    with pytest.raises(ModelError, match="WHILE or IF"):
        with_offline_plan(model, graph, plan_offline(graph))


def test_a_planned_model_is_built_and_verified(fwgen: Fwgen) -> None:
    """TFLM takes no plan where it keeps all tensors, as the comparison makes it do."""
    path = next(path for path in OWN_MODELS if path.stem == "mixed_ops")
    assert fwgen("build", path, "-b", "host", "--no-compile", "-o", "p").returncode == 0
    done = fwgen("report", "p", "--tflm", "c.tflite", "--json", "r.json")
    assert done.returncode == 0 and "tflm    c.tflite: 912 bytes" in done.stdout, done.stderr
    assert fwgen("build", "c.tflite", "-b", "host", "-o", "q").returncode == 0
    done = fwgen("verify", "q", "--inputs", 3)
    assert done.returncode == 0, done.stderr


def test_several_subgraphs_and_later_schemas_are_refused() -> None:
    tree = small_model()
    model = write(tree)
    graph = read_model(model, "m")
    plan = plan_offline(graph)
    assert with_offline_plan(model, graph, plan)
    tree[Model.SUBGRAPHS] = 2 * tree[Model.SUBGRAPHS]
    with pytest.raises(ModelError, match="several subgraphs"):
        with_offline_plan(write(tree), graph, plan)
    tree = small_model()
    tree[9] = Number("i", 5)
    with pytest.raises(ModelError, match="field 9 of a later schema"):
        with_offline_plan(write(tree), graph, plan)


def test_every_field_of_the_root_is_kept() -> None:
    tree = small_model()
    tree[Model.DESCRIPTION] = b"what it is"
    tree[Model.METADATA_BUFFER] = Numbers("i", (1, 0))
    tree[Model.METADATA] = [{Metadata.NAME: b"n", Metadata.BUFFER: Number("I", 1)}, {}]
    tree[Model.SIGNATURE_DEFS] = [{4: Number("I", 0)}]
    model = write(tree)
    graph = read_model(model, "m")
    copy = with_offline_plan(model, graph, plan_offline(graph))
    read = tflite.Model.GetRootAsModel(copy, 0)
    assert read.Description() == b"what it is"
    assert read.MetadataBufferAsNumpy().tolist() == [1, 0]
    assert [name for name, _ in entries(copy)] == [b"n", None, b"OfflineMemoryAllocation"]
    assert read.SignatureDefsLength() == 1


def test_damaged_files_end_in_a_sentence() -> None:
    """Cut anywhere, or a word spoiled, the file is refused or the copy reads like it."""
    model = with_metadata(write(small_model()), "k", b"data", "m")
    mutants = [model[:end] for end in range(8, len(model))]
    for at in range(8, min(len(model), 400), 2):
        mutants += [
            model[:at] + struct.pack("<H", v) + model[at + 2 :] for v in (0, 1, 0x7FFF, 0xFFFF)
        ]
    refused = 0
    for mutant in mutants:
        try:
            copy = with_metadata(mutant, "k", b"new", "m")
        except ModelError as error:
            assert error.what.endswith(".") and error.at.startswith("m")
            refused += 1
        else:
            assert copy.endswith(mutant)
    assert 0 < refused < len(mutants)


def test_models_that_only_tflm_takes(
    fwgen: Fwgen, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A sum of int16, and a comparison whose result TFLM leaves to chance."""
    m = ModelBuilder()
    x, y, z = (m.tensor((1, 32), "int16", scale=0.5) for _ in range(3))
    m.op("ADD", [x, x], [y])
    m.op("ADD", [y, y], [z])
    greater = m.tensor((1, 32), "bool")
    m.op("GREATER", [z, z], [greater])
    model = m.build(outputs=[z, greater])
    (tmp_path / "sum.tflite").write_bytes(model)
    assert fwgen("build", "sum.tflite", "-b", "host").returncode == 3
    done = fwgen("report", "sum.tflite", "--tflm", "c.tflite")
    assert done.returncode == 0, done.stderr
    inputs = [np.arange(-16, 16, dtype=np.int16).reshape(1, 32)]
    before, expected = tflm_run(model, inputs, capfd)
    after, got = tflm_run((tmp_path / "c.tflite").read_bytes(), inputs, capfd)
    assert after == before == 128 and got[0].tobytes() == expected[0].tobytes()
