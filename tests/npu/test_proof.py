"""What Vela makes of a model is proven at build: the meaning of ops, and streams against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.build.built_project import Project
from fwgen.errors import ModelError
from fwgen.host.oracle import Oracle
from fwgen.measure.verify.vela_rounding import vela_rounding
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.model.inputs import seeded_inputs
from fwgen.model.metadata import offline_plan
from fwgen.model.reader import read_model
from fwgen.npu.board_npu import npu_of
from fwgen.npu.model.block_program import BlockElementwise, Pool, read_program
from fwgen.npu.model.stream_commands import Long, read_commands
from fwgen.npu.multipliers import with_float32_products
from fwgen.npu.payload import read_payload
from fwgen.npu.proof import compilation
from fwgen.npu.proof.meaning import Meaning
from fwgen.npu.proof.npu_arithmetic import NPU_ARITHMETIC
from fwgen.npu.proof.npu_only import NPU_ONLY
from fwgen.npu.vela import Compiled, compile_model
from fwgen.report.npu_report import offload_report
from fwgen.source import NpuChoice, Source, read
from tests.npu.npu_graphs import BLOCKS, USUAL, Blocks, block_model
from tests.npu.npu_models import op_model
from tests.npu.test_offload import U55, compiled, walk
from tests.tflite_models import random_graph

BOARD = load_board("corstone-300")


def source_of(model: bytes, folder: Path, npu: str = U55, **options: Any) -> Source:
    path = folder / "m.tflite"
    path.write_bytes(model)
    board = load_board("corstone-320") if "u85" in npu else BOARD
    return read(path, board, NpuChoice(npu, **options))


def assert_means_what_tflm_computes(model: bytes, inputs: int = 4) -> Counter[str]:
    """Of every tensor that has a meaning; how many there were of each op."""
    graph = read_model(model, "m")
    meaning, seen = Meaning(graph, {}), Counter[str]()
    with Oracle(model) as oracle:
        for given in seeded_inputs(graph, inputs, 5):
            oracle.invoke(given)
            values = dict(zip(graph.inputs, given, strict=True))
            meaning.complete(values)
            for op in graph.ops:
                for t in (t for t in op.outputs if t in values):
                    expected = oracle.tensors([t])[0]
                    assert values[t].tobytes() == expected.tobytes(), (op.code, op.index)
                    seen[op.code] += 1
    return seen


@pytest.mark.parametrize("seed", range(12))
def test_the_meaning_of_graphs_is_what_tflm_computes(seed: int) -> None:
    rng = np.random.default_rng([seed, 17])
    model = random_graph(rng, 12) if seed % 2 else block_model(rng)
    graph = read_model(model, "m")
    seen = assert_means_what_tflm_computes(model)
    assert sum(seen.values()) == 4 * sum(len(op.outputs) for op in graph.ops)


@pytest.mark.parametrize("code", sorted({*NPU_ONLY, *NPU_ARITHMETIC}))
def test_the_meaning_of_what_only_an_npu_does_is_what_tflm_computes(code: str) -> None:
    by_block = {"BATCH_MATMUL": "attention", "REDUCE_MAX": "spatial", "REDUCE_MIN": "spatial"}
    seen: Counter[str] = Counter()
    for seed in range(40):
        rng = np.random.default_rng([seed, 3])
        if code in by_block:
            model = block_model(rng, (by_block[code],))
        elif code in ("SPLIT_V", "UNPACK"):
            model = parted(code, rng)
        else:
            model = op_model(code, "int8", rng)
        if code in {op.code for op in read_model(model, "m").ops}:
            seen += assert_means_what_tflm_computes(model, 2)
        if seen[code] >= 8:
            return
    raise AssertionError(seen)


def parted(code: str, rng: np.random.Generator) -> bytes:
    k = Blocks(rng)
    x = k.tensor((2, 3, 6))
    if code == "UNPACK":
        axis = k.d.integer(0, 2)
        shape = [n for i, n in enumerate(x.shape) if i != axis]
        outputs = [k.tensor(shape, x) for _ in range(x.shape[axis])]
        k.m.op("UNPACK", [x], outputs, num=len(outputs), axis=axis)
    else:
        sizes = (1, 3, 2)
        outputs = [k.tensor((2, 3, n), x) for n in sizes]
        axis = k.ints([2], scalar=True)
        k.m.op("SPLIT_V", [x, k.ints(sizes), axis], outputs, num_splits=3)
    return k.m.build(inputs=[x], outputs=outputs)


def beside_a_maximum() -> bytes:
    """The greatest channel beside a convolution, which Vela 5.2 writes over both."""
    k = Blocks(np.random.default_rng(2))
    x = k.tensor((1, 6, 6, 8))
    found = k.conv(x, 1)
    greatest = k.reduced("REDUCE_MAX", k.same(x, found), (3,))
    k.joined([found, greatest], 3)
    return k.m.build(inputs=[x])


@pytest.mark.parametrize("npu", [U55, "ethos-u65-256"])
def test_ops_whose_stream_is_wrong_stay_with_the_core(npu: str, tmp_path: Path) -> None:
    model = beside_a_maximum()
    source = source_of(model, tmp_path, npu)
    assert source.offloaded is not None
    told = source.offloaded["ops"]
    (left,) = (op for op in told if not op["npu"])
    assert left["op"] in ("CONCATENATION", "REDUCE_MAX")
    assert "otherwise than the model" in left["why"]
    assert source.offloaded["proof"]["proven"] == len(told) - 1
    walk(compiled(source), model, 1)


Spoil = Callable[[bytes], bytes]


def spoiled(monkeypatch: pytest.MonkeyPatch, spoil: Spoil) -> None:
    """Have Vela go wrong, whatever is left to the core."""

    def wrong(*args: Any) -> Compiled:
        right = compile_model(*args)
        return replace(right, model=spoil(right.model))

    monkeypatch.setattr(compilation, "compile_model", wrong)


def with_another_first_bias(data: bytes) -> bytes:
    graph = read_model(data, "m")
    offload = next((op for op in graph.ops if op.code == "CUSTOM ethos-u"), None)
    if offload is None:
        return data
    constants = graph.tensors[offload.inputs[1]].constant.tobytes()
    payload = read_payload(graph.tensors[offload.inputs[0]].constant.tobytes(), "m")
    commands = read_commands(payload.stream, "m")
    at = next(command for command in commands if command.what is Long.SCALE_BASE).value
    assert data.count(constants) == 1
    where = data.index(constants) + at + 1
    return data[:where] + bytes([data[where] ^ 0x40]) + data[where + 1 :]


def test_streams_that_stay_wrong_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    k = Blocks(np.random.default_rng(1))
    x = k.tensor((1, 5, 5, 4))
    y = k.conv(x, 4, 3)
    model = k.m.build(inputs=[x])
    assert all(op["proven"] for op in (source_of(model, tmp_path).offloaded or {})["ops"])
    spoiled(monkeypatch, with_another_first_bias)
    with pytest.raises(ModelError, match=r"^Vela 5\.2\..*wrongly.*bytes that are not") as caught:
        source_of(model, tmp_path)
    assert caught.value.at.endswith(": op 0 CONV_2D") and f"(tensor {y.index})" in caught.value.what


def exponential() -> bytes:
    k = Blocks(np.random.default_rng(1))
    x = k.tensor((1, 4, 4, 8))
    found = k.tensor(x.shape)
    k.m.op("EXP", [x], [found])
    sides = k.m.tensor((4, 2), "int32", data=[(0, 0), (2, 2), (2, 2), (0, 0)])
    k.m.op("PAD", [found, sides], [k.tensor((1, 8, 8, 8), found)])
    return k.m.build(inputs=[x])


def with_input_elsewhere(data: bytes) -> bytes:
    """The first operand is read from where nothing is."""
    at = data.index(b"COP1")
    payload = read_payload(data[at : at + (len(data) - at) // 4 * 4], "m")
    for command in read_commands(payload.stream, "m"):
        if command.what is Long.IFM_BASE0:
            where = at + payload.offset + 4 * command.position + 4
            base = int.from_bytes(data[where : where + 4], "little")
            offsets = offline_plan(data, 5, "m")
            assert offsets is not None and base in offsets
            other = next(n for n in offsets if n not in (base, -1))
            return data[:where] + other.to_bytes(4, "little") + data[where + 4 :]
    raise AssertionError


def test_what_has_no_meaning_is_told_and_may_not_depend_on_dead_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    offloaded = source_of(exponential(), tmp_path).offloaded
    assert offloaded is not None
    op = offloaded["ops"][0]
    assert op["npu"] and not op["proven"] and "no meaning" in op["unproven"]
    assert "not proven: EXP (op 0)" in offload_report(offloaded)
    spoiled(monkeypatch, with_input_elsewhere)
    with pytest.raises(ModelError, match="depends on memory that nobody wrote"):
        source_of(exponential(), tmp_path)


def test_streams_of_an_ethos_u85_are_told_to_be_unproven(tmp_path: Path) -> None:
    offloaded = source_of(beside_a_maximum(), tmp_path, "ethos-u85-256").offloaded
    assert offloaded is not None
    assert not any(op["proven"] for op in offloaded["ops"])
    report = offload_report(offloaded)
    assert "nothing proven" in report and "An Ethos-U85 is not modelled" in report


def test_known_differences_are_accepted_on_demand(tmp_path: Path) -> None:
    k = Blocks(np.random.default_rng(1))
    x = k.m.tensor((1, 4, 4, 8), scale=0.05, zero_point=-7)
    y = k.m.tensor(x.shape, scale=0.02, zero_point=-116)
    k.m.op("RELU6", [k.same(x, x)], [y])
    model = k.m.build(inputs=[x])
    told = (source_of(model, tmp_path).offloaded or {})["ops"][-1]
    assert not told["npu"]
    told = (source_of(model, tmp_path, inexact=True).offloaded or {})["ops"][-1]
    assert told["npu"] and not told["proven"] and "otherwise than TFLM" in told["unproven"]


def test_velas_multipliers_are_judged_beside_ops_that_only_an_npu_has(tmp_path: Path) -> None:
    """The outputs that ``verify`` demands of an NPU: a step from TFLM's now and then."""
    k = Blocks(np.random.default_rng(1))
    x = k.tensor((1, 40, 16))
    y = k.dense(x, 24)
    k.reduced("REDUCE_MAX", k.product(y, y, True, USUAL**2 * 5 * y.scale**2), (1,))
    model = k.m.build(inputs=[x])
    graph, offloaded = read_model(model, "m"), source_of(model, tmp_path).offloaded
    project = SimpleNamespace(npu=U55, result={"npu": offloaded}, graph=graph)
    outputs = vela_rounding(cast(Project, project))
    assert outputs is not None
    with Oracle(model) as oracle:
        for given in seeded_inputs(graph, 4, 1):
            tflm = oracle.invoke(given)[0]
            mine = np.frombuffer(outputs(given)[0], np.int8).reshape(tflm.shape)
            assert np.abs(mine.astype(int) - tflm).max() <= 2


def test_multipliers_of_matrix_products_are_those_that_vela_gives_them() -> None:
    """Of two activations, too: each in Vela's stream is that of the changed scales."""
    for seed in range(3):
        k = Blocks(np.random.default_rng(seed))
        a, b = (k.tensor((1, 2, 6, 8)) for _ in range(2))
        k.product(a, b, True, USUAL**2 * 3 * a.scale * b.scale)
        model = k.m.build(inputs=[a, b])
        data = compile_model(model, "m", U55, npu_of(BOARD, U55), "").model
        graph = read_model(data, "m")
        payload = read_payload(graph.tensors[graph.ops[0].inputs[0]].constant.tobytes(), "m")
        scales = {
            step.block.finish.scale
            for step in read_program(payload)
            if isinstance(step.block, Pool | BlockElementwise)
        }
        changed = with_float32_products(read_model(model, "m"), {0})
        op = changed.ops[0]
        x, w, y = changed.input(op), changed.input(op, 1), changed.output(op)
        multiplier, shift = quantize_multiplier(x.scale * w.scale / y.scale)
        assert (multiplier, 31 - shift) in scales
        values = dict(enumerate(seeded_inputs(read_model(model, "m"), 1, 0)[0]))
        Meaning(changed, {}).complete(values)
        assert op.outputs[0] in values


NPUS = (U55, "ethos-u55-32", "ethos-u65-512", "ethos-u65-256", "ethos-u55-256")


def exact_or_refused(model: bytes, npu: str, folder: Path) -> bool:
    """Whether a model is built; then it gives TFLM's bytes, whatever lies in dead memory.

    FULLY_CONNECTED may be a step from TFLM, and what follows then more: of models that have it, the
    proof is all that judges.
    """
    try:
        source = source_of(model, folder, npu)
    except ModelError as error:
        assert error.what.startswith("Vela 5.2")
        return False
    program = compiled(source)
    if "FULLY_CONNECTED" not in {op.code for op in read_model(model, "m").ops}:
        walk(program, model, 1)
    assert source.offloaded is not None and source.offloaded["proof"]["proven"]
    return True


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_on_the_npu_are_exact_or_refused(name: str, tmp_path: Path) -> None:
    built = 0
    for seed in range(2):
        rng = np.random.default_rng([seed, *name.encode()])
        built += exact_or_refused(block_model(rng, (name,)), NPUS[seed], tmp_path)
    assert built


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(60))
def test_random_blocks_on_the_npu_are_exact_or_refused(seed: int, tmp_path: Path) -> None:
    exact_or_refused(block_model(np.random.default_rng([seed, 5])), NPUS[seed % 5], tmp_path)
