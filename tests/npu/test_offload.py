"""Models that Vela compiled, whole or in part: read, planned, checked before C is written."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.errors import FwgenError, ModelError, ToolError, UsageError
from fwgen.host.oracle import Oracle
from fwgen.model.graph import Tensor
from fwgen.model.metadata import offline_plan, with_offline_plan
from fwgen.model.reader import read_model
from fwgen.npu.board_npu import npu_of
from fwgen.npu.model.byte_ranges import extents
from fwgen.npu.model.machine import Machine
from fwgen.npu.model.stream_commands import Long, Operation, read_commands
from fwgen.npu.multipliers import with_float32_products
from fwgen.npu.offload import CODE, Offload, offload
from fwgen.npu.payload import read_payload
from fwgen.npu.vela import compile_model
from fwgen.pipeline import compile_graph, compile_source
from fwgen.source import NpuChoice, Source, read
from tests.cli.test_cli import check_error
from tests.compile.test_cascades import chain
from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen
from tests.tflite_models import ModelBuilder, random_graph, random_inputs

BOARD = load_board("corstone-300")
U55 = "ethos-u55-128"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


def compiled(source: Source, places: Sequence[str] = (), **options: object) -> Program:
    return compile_source(source, Request(BOARD, places=places, **options))  # type: ignore[arg-type]


def walk(
    program: Program, model: bytes, seed: int, given: Sequence[np.ndarray] | None = None
) -> int:
    """Run a program's plan in NumPy: the NPU's ops by the functional model, the core's by TFLM.

    Whatever is dead at a moment holds noise, as does the scratch memory of the core's ops when they
    are done. Returns the number of tensors compared.
    """
    rng = np.random.default_rng(seed)
    graph, plan = program.graph, program.plan
    arena = rng.integers(0, 256, plan.arena_bytes, np.uint8)
    values = random_inputs(model, rng)
    for value, data in zip(values, given or (), strict=False):
        value.reshape(-1)[:] = np.resize(np.roll(data, seed * value.size), value.size)
    compared = 0

    def place(t: int) -> slice:
        at = plan.offset_of[t]
        return slice(at, at + graph.tensors[t].bytes)

    with Oracle(model) as oracle:
        oracle.invoke(values)

        def right(t: int) -> bytes | None:
            source = graph.tensors[t].source
            return None if source is None else oracle.tensors([source])[0].tobytes()

        for t, value in zip(graph.inputs, values, strict=True):
            arena[place(t)] = np.frombuffer(value.tobytes(), np.uint8)
        for position, op in enumerate(graph.ops):
            reads = [t for t in op.inputs if t >= 0 and graph.tensors[t].data is None]
            if isinstance(op.options, Offload):  # of these, a part only is there
                reads = [t for t in reads if t not in op.options.updates]
            for t in reads:
                expected = right(t)
                if expected is not None:
                    assert arena[place(t)].tobytes() == expected, (position, op.code, t)
                    compared += 1
            if isinstance(op.options, Offload):
                assert program.npu is not None
                fast = arena if op.options.fast is None else arena[place(op.options.fast)]
                constants = np.frombuffer(graph.tensors[op.inputs[-1]].constant.tobytes(), np.uint8)
                own = arena[: op.options.arena_bytes]
                machine = Machine(program.npu)
                machine.run(op.options.payload, {0: constants.copy(), 1: own, 2: fast})
            elif op.index not in plan.aliased:
                produced = {t: right(t) for t in op.outputs}
                if op.index in plan.scratch_of:
                    at = plan.scratch_of[op.index]
                    size = next(b.bytes for b in plan.buffers if b.scratch_of == op.index)
                    arena[at : at + size] = rng.integers(0, 256, size, np.uint8)
                for t, expected in produced.items():
                    assert expected is not None, "the walk needs the values of the core's ops"
                    arena[place(t)] = np.frombuffer(expected, np.uint8)
            later = [t for other in graph.ops[position + 1 :] for t in other.inputs]
            live = {t for t in (*later, *graph.outputs) if t in plan.offset_of}
            dead = np.ones(len(arena), bool)
            for t in live:
                dead[place(t)] = False
            for buffer in plan.buffers:  # what one op for the NPU leaves to another
                if buffer.offset == 0 and buffer.first <= position < buffer.last - 1:
                    dead[: buffer.bytes] &= buffer.scratch_of is None
            arena[dead] = rng.integers(0, 256, int(dead.sum()), np.uint8)
        for t in graph.outputs:
            expected = right(t)
            if expected is not None:
                assert arena[place(t)].tobytes() == expected
                compared += 1
    return compared


def ignoring(*codes: str) -> str:
    return f"--ignore-ops {','.join(codes)}"


PARTLY = {
    "kws_ref_model": ("AVERAGE_POOL_2D", "DEPTHWISE_CONV_2D"),
    "vww_96_int8": ("CONV_2D",),
    "pretrainedResnet_quant": ("ADD", "SOFTMAX"),
    "str_ww_ref_model": ("DEPTHWISE_CONV_2D", "RESHAPE"),
}


@pytest.mark.parametrize("configuration", [U55, "ethos-u55-256", "ethos-u65-256"])
@pytest.mark.parametrize("path", [p for p in REAL_MODELS if p.stem in PARTLY], ids=lambda p: p.stem)
def test_plans_of_real_models_hold(path: Path, configuration: str) -> None:
    source = read(path, BOARD, NpuChoice(configuration, ignoring(*PARTLY[path.stem])))
    program = compiled(source)
    codes = {op.code for op in program.graph.ops}
    assert CODE in codes and len(codes) > 1
    assert walk(program, path.read_bytes(), 1) > len(program.graph.ops)


LEFT = (
    *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "EXPAND_DIMS"),
    *("LOGISTIC", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM", "MUL", "PAD", "QUANTIZE", "RELU"),
    *("RELU6", "RESHAPE", "SOFTMAX", "SQUEEZE", "STRIDED_SLICE", "SUB", "TANH", "TRANSPOSE"),
)
EXACT = (0, 1, 3, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 18, 19)
"""Seeds of models without FULLY_CONNECTED, which may be a step from TFLM, that Vela takes."""
REMEMBERING = (22, 32, 38, 49, 67, 79)
"""Seeds of models of which an op for the NPU reads what another left behind; once that was lost."""
WITHOUT_OUTPUTS = (74,)
"""Seeds of models with an op for the NPU that writes nothing for the core."""
MISTAKEN = (25, 28, 29, 35, 220, 221)
"""Seeds of models with ops that Vela gets wrong, which stay with the core."""
UPDATING = (71,)
"""Seeds of models of which ops for the NPU write a tensor part by part."""


def in_part(seed: int) -> tuple[bytes, list[str], str]:
    """A random model, codes that are left to the core, and an NPU."""
    rng = np.random.default_rng([seed, 99])
    # without the ops that came later, some of which Vela does not read
    model = random_graph(rng, int(rng.integers(4, 16)), newer=()) if seed % 3 else chain(rng)
    left = [str(code) for code in rng.choice(LEFT, int(rng.integers(1, 5)), replace=False)]
    return model, left, (U55, "ethos-u55-32", "ethos-u65-512", "ethos-u65-256")[seed % 4]


@pytest.mark.parametrize("seed", [*EXACT, *REMEMBERING, *WITHOUT_OUTPUTS, *UPDATING, *MISTAKEN])
def test_plans_of_random_models_hold(seed: int, tmp_path: Path) -> None:
    model, left, configuration = in_part(seed)
    path = tmp_path / "m.tflite"
    path.write_bytes(model)
    source = read(path, BOARD, NpuChoice(configuration, ignoring(*left)))
    program = compiled(source, goal=("balanced", "ram", "speed", "size")[seed % 4])
    offloads = [op.options for op in program.graph.ops if isinstance(op.options, Offload)]
    assert any(each.remembers for each in offloads) or seed not in REMEMBERING
    assert any(each.updates for each in offloads) or seed not in UPDATING
    nothing = [t for op in program.graph.ops for t in op.outputs if is_nothing(program, t)]
    assert nothing or seed not in WITHOUT_OUTPUTS
    walk(program, model, seed)


def is_nothing(program: Program, tensor: int) -> bool:
    return program.graph.tensors[tensor].name == "nothing"


def one_op(
    code: str, *shapes: Sequence[int], scales: tuple[float, float], points: Sequence[int]
) -> bytes:
    """A MAX_POOL_2D, or a RELU of what is no image, then the op on what it gives and others."""
    m = ModelBuilder()
    first = m.tensor(shapes[0], scale=scales[0], zero_point=points[0])
    before = m.tensor(shapes[0], scale=scales[0], zero_point=points[0])
    m.op("RELU", [first], [before])
    others = [m.tensor(s, scale=scales[0], zero_point=points[0]) for s in shapes[1:-1]]
    y = m.tensor(shapes[-1], scale=scales[1], zero_point=points[1])
    m.op(code, [before, *others], [y])
    return m.build(inputs=[first, *others])


FIVE = (1, 2, 3, 3, 4)
INEXACT = {
    "RELU6 rescaled": one_op(
        "RELU6", (1, 4, 4, 8), (1, 4, 4, 8), scales=(0.05, 0.02), points=(-7, -116)
    ),
    "TANH halfway": one_op(
        "TANH", (1, 4, 4, 8), (1, 4, 4, 8), scales=(1 / 256, 1 / 128), points=(-128, 0)
    ),
    "LOGISTIC halfway": one_op(
        "LOGISTIC", (1, 4, 4, 8), (1, 4, 4, 8), scales=(1 / 256, 1 / 256), points=(-128, -128)
    ),
    "ADD broadcasts": one_op("ADD", FIVE, FIVE[2:], FIVE, scales=(0.05, 0.1), points=(0, 0)),
}


@pytest.mark.parametrize("name", INEXACT)
def test_what_vela_computes_otherwise_stays_with_the_core(name: str, tmp_path: Path) -> None:
    model, code = INEXACT[name], name.split()[0]
    path = tmp_path / "m.tflite"
    path.write_bytes(model)
    source = read(path, BOARD, NpuChoice(U55, ignoring("CONV_2D")))
    assert source.offloaded is not None
    told = {op["op"]: op for op in source.offloaded["ops"]}
    assert told["RELU"]["npu"] and not told[code]["npu"]
    assert "otherwise than TFLM" in told[code]["why"]
    walk(compiled(source), model, 3)
    # else it differs, or the rule would be for nothing
    source = read(path, BOARD, NpuChoice(U55, inexact=True))
    values = [np.arange(-128, 128, dtype=np.int8)] if "halfway" in name else None
    with pytest.raises(AssertionError):
        for seed in range(20):
            walk(compiled(source), model, seed, values)


def test_exact_ops_go_to_the_npu(tmp_path: Path) -> None:
    for code, scales, points in (
        ("RELU6", (0.05, 0.05), (-7, -7)),
        ("TANH", (0.07, 1 / 128), (3, 0)),
        ("LOGISTIC", (0.07, 1 / 256), (3, -128)),
    ):
        model = one_op(code, (1, 4, 4, 8), (1, 4, 4, 8), scales=scales, points=points)
        path = tmp_path / "m.tflite"
        path.write_bytes(model)
        source = read(path, BOARD, NpuChoice(U55))
        assert source.offloaded is not None and all(op["npu"] for op in source.offloaded["ops"])
        walk(compiled(source), model, 3)


def test_what_went_to_the_npu_is_told_with_reasons() -> None:
    source = read(DIGITS, BOARD, NpuChoice(U55, ignoring("SOFTMAX")))
    assert source.offloaded is not None
    told = {op["op"]: op for op in source.offloaded["ops"]}
    model = read_model(DIGITS.read_bytes(), "digits")
    assert [op["op"] for op in source.offloaded["ops"]] == [op.code for op in model.ops]
    assert told["CONV_2D"]["npu"] and told["CONV_2D"]["why"] == ""
    assert not told["SOFTMAX"]["npu"] and told["SOFTMAX"]["why"]
    estimates = source.offloaded["estimates"]
    assert estimates["source"].startswith("vela ") and estimates["npu_estimated_cycles"] > 0


def test_work_on_the_npu_is_counted() -> None:
    for path in [DIGITS, *REAL_MODELS]:
        alone = compile_graph(read(path, BOARD).graph, Request(BOARD, strict=True))
        offloaded = compiled(read(path, BOARD, NpuChoice(U55)))
        # the NPU computes what passes would have dropped, and counts what is padded
        assert alone.model_macs <= offloaded.macs <= 1.1 * alone.model_macs


# What is wrong with a file


@pytest.fixture(scope="module")
def vela_digits() -> bytes:
    return compile_model(DIGITS.read_bytes(), "digits", U55, npu_of(BOARD, U55), "").model


def as_given(data: bytes) -> None:
    offload(read_model(data, "m"), data)


def operands(data: bytes) -> int:
    """Where the op's list of inputs is in the file."""
    wanted = struct.pack("<i4i", 5, 0, 1, 2, 2)
    assert data.count(wanted) == 1
    return data.index(wanted) + 4


def with_operand(place: int, value: int) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        at = operands(data) + 4 * place
        return data[:at] + struct.pack("<i", value) + data[at + 4 :]

    return spoil


def with_offset(tensor: int, offset: int) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        offsets = list(offline_plan(data, 5, "m") or ())
        offsets[tensor] = offset
        return with_offline_plan(data, offsets, "m")

    return spoil


def payload_at(data: bytes) -> int:
    assert data.count(b"COP1") == 1
    return data.index(b"COP1")


def with_words(first: int, *words: int) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        at = payload_at(data) + 4 * first
        return data[:at] + struct.pack(f"<{len(words)}I", *words) + data[at + 4 * len(words) :]

    return spoil


WRONG = {
    "cop header": (with_words(0, int.from_bytes(b"COP2", "little")), "begins with b'COP2'"),
    "product": (with_words(2, 0xF0001807), "product has code 15"),
    "no configuration": (with_words(1, 5, 5, 5), "No configuration precedes"),
    "stream": (with_words(1, 0xFFFF0002), "ends before"),
    "stream is no tensor": (with_operand(0, 99), "command stream is tensor 99"),
    "stream not constant": (with_operand(0, 2), "expected bytes, constant"),
    "constants not constant": (with_operand(1, 3), "expected bytes, constant"),
    "arena constant": (with_operand(2, 1), "expected bytes, no constant"),
    "activation constant": (with_operand(4, 1), "is no activation"),
    "activation absent": (with_operand(4, -1), "is no activation"),
    "no offset": (with_offset(3, -1), "at offset None"),
    "odd offset": (with_offset(3, 8), "a multiple of 16"),
    "negative offset": (with_offset(4, -32), "at offset -32"),
    "beyond the arena": (with_offset(4, 1 << 20), "within the arena"),
}


@pytest.mark.parametrize("name", WRONG)
def test_files_that_contradict_themselves_are_refused(name: str, vela_digits: bytes) -> None:
    spoil, why = WRONG[name]
    as_given(vela_digits)
    with pytest.raises(ModelError, match=why):
        as_given(spoil(vela_digits))


def test_a_file_without_a_plan_is_refused(vela_digits: bytes) -> None:
    with pytest.raises(ModelError, match="no plan of the arena"):
        as_given(vela_digits.replace(b"OfflineMemoryAllocation", b"OfflineMemoryAllocatioN"))
    with pytest.raises(ModelError, match="expected an offset for each"):
        as_given(with_offline_plan(vela_digits, [0, 0, 0], "m"))


def softmax_between(tmp_path: Path) -> tuple[Path, bytes, list[int]]:
    """Where a model of which an NPU does a SOFTMAX goes, its file, and the offsets in its plan.

    The core does two TANH before, one of whose results an ADD still needs after it.
    """
    m = ModelBuilder()
    shape = (1, 6, 6, 8)
    x = m.tensor(shape, scale=0.07, zero_point=3)
    kept, given = (m.tensor(shape, scale=1 / 128, zero_point=0) for _ in range(2))
    soft = m.tensor(shape, scale=1 / 256, zero_point=-128)
    y = m.tensor(shape, scale=0.01, zero_point=0)
    m.op("TANH", [x], [kept])
    m.op("TANH", [x], [given])
    m.op("SOFTMAX", [given], [soft], beta=1.0)
    m.op("ADD", [kept, soft], [y])
    npu, args = npu_of(BOARD, U55), ignoring("TANH", "ADD")
    made = compile_model(m.build(inputs=[x]), "m", U55, npu, args).model
    offsets = offline_plan(made, len(read_model(made, "m").tensors), "m")
    assert offsets is not None
    path = tmp_path / "spoiled.tflite"
    path.write_bytes(made)
    compiled(read(path, BOARD))
    return path, made, list(offsets)


def test_tensors_in_one_place_are_refused(tmp_path: Path) -> None:
    """An activation of the core that the model's plan has over one that is still needed."""
    path, made, offsets = softmax_between(tmp_path)
    add = next(op for op in read_model(made, "m").ops if op.code == "ADD")
    offsets[add.inputs[0]] = offsets[add.inputs[1]]
    path.write_bytes(with_offline_plan(made, offsets, "m"))
    with pytest.raises(ModelError, match="in the same place while both are"):
        compiled(read(path, BOARD))


def word_of(data: bytes, what: Long | Operation, number: int = 0) -> int:
    """Which word of the payload a command of the stream is, of those of its kind."""
    payload = data[payload_at(data) :]
    found = read_payload(payload[: len(payload) // 4 * 4], "p")
    places = [c.position for c in read_commands(found.stream, "s") if c.what is what]
    return found.offset // 4 + places[number]


@pytest.mark.parametrize(
    ("what", "behind", "value", "why"),
    [
        (Operation.STOP, 0, 0x0000012F, "without STOP|no command"),
        (Operation.STOP, -1, 0x000003FF, "no command 0x03ff"),
        (Long.OFM_BASE0, 1, 1 << 20, "writes bytes up to .* of region 1"),
        (Long.IFM_BASE0, 1, 1 << 20, "reads bytes up to .* of region 1"),
        (Long.WEIGHT_BASE, 1, 1 << 20, "reads bytes up to .* of region 0"),
    ],
)
def test_streams_that_cannot_be_right_are_refused(
    what: Long | Operation, behind: int, value: int, why: str, vela_digits: bytes
) -> None:
    at = word_of(vela_digits, what) + behind
    with pytest.raises(ModelError, match=why):
        as_given(with_words(at, value)(vela_digits))


def test_streams_that_write_to_what_is_needed_later_are_refused(tmp_path: Path) -> None:
    """A result of the core that an ADD still needs is put where the NPU's SOFTMAX works."""
    path, made, offsets = softmax_between(tmp_path)
    graph = offload(read_model(made, "m"), made)
    (op,) = (op for op in graph.ops if isinstance(op.options, Offload))
    add = next(op for op in graph.ops if op.code == "ADD")
    (late,) = (t for t in add.inputs if t not in op.outputs)
    assert isinstance(op.options, Offload)
    placed = [t for t in graph.tensors if t.offset is not None and t.quant is not None]
    own = [*(t for t in placed if t.index != late), graph.tensors[late]]
    inside = np.zeros(op.options.arena_bytes, bool)
    for first, last in extents(op.options.payload).writes[1]:
        inside[first:last] = True
    for tensor in own:
        assert tensor.offset is not None
        inside[tensor.offset : tensor.offset + tensor.bytes] = False
    size = graph.tensors[late].bytes
    apart = [
        at
        for at in range(0, op.options.arena_bytes - size + 1, 16)
        if inside[at : at + size].any() and not _any_over(own[:-1], at, size)
    ]
    offsets[late] = apart[0]
    path.write_bytes(with_offline_plan(made, offsets, "m"))
    with pytest.raises(ModelError, match=r"writes to t.* needed later"):
        compiled(read(path, BOARD))


def _any_over(tensors: Sequence[Tensor], at: int, size: int) -> bool:
    places = [(t.offset or 0, (t.offset or 0) + t.bytes) for t in tensors]
    return any(first < at + size and at < last for first, last in places)


def test_random_bytes_end_in_an_error_or_a_program(vela_digits: bytes, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    path = tmp_path / "m.tflite"
    for _ in range(300):
        data = bytearray(vela_digits)
        for _ in range(int(rng.integers(1, 5))):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path.write_bytes(bytes(data))
        try:
            compiled(read(path, BOARD))
        except FwgenError as error:
            assert str(error)


# What is wrong with a command


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--npu", "ethos-u99"], 2, ["ethos-u55-128", "corstone-300"]),
        (["--vela-args=--optimise Size"], 2, ["--npu"]),
        (["--npu", U55, "--vela-args=--output-dir x"], 2, ["--output-dir", "-o"]),
        (["--npu", U55, "--vela-args=--acc ethos-u55-32"], 2, ["--accelerator-config", "--npu"]),
        (["--npu", U55, "--vela-args=--cop-format COP2"], 2, ["--cop-format"]),
        (["--npu", U55, "--vela-args='"], 2, ["--vela-args"]),
        (["--npu", U55, "--vela-args=--memory-mode Nowhere"], 5, ["Vela failed", "Nowhere"]),
        (["--npu", U55, "--feed-rows"], 2, ["as a whole"]),
        (["--npu", U55, "--place", "arena=DTCM"], 2, ["does not reach DTCM", "ISRAM"]),
        (["--npu", U55, "--place", "t3=DTCM"], 2, ["t3 has its place"]),
        (["--npu", U55, "--place", "op0=DTCM"], 2, ["op0 has its place"]),
    ],
)
def test_mistakes(fwgen: Fwgen, options: list[str], code: int, words: list[str]) -> None:
    check_error(fwgen("build", DIGITS, "-b", "corstone-300", *options), code, *words)


def test_the_npu_may_be_kept_in_a_file(fwgen: Fwgen, tmp_path: Path) -> None:
    lines = [f'model = "{DIGITS}"', 'board = "corstone-300"', 'npu = "ethos-u55-64"']
    (tmp_path / "fwgen.toml").write_text("\n".join(lines))
    done = fwgen("build", "--no-compile", "-o", "out", "--json", "r.json")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "r.json").read_text())["npu"]
    assert told["configuration"] == "ethos-u55-64" and all(op["npu"] for op in told["ops"])
    done = fwgen("build", "--no-compile", "-o", "out", "--npu", U55)
    assert done.returncode == 0 and "on ethos-u55-128" in done.stderr


def test_boards_without_an_npu_say_so(fwgen: Fwgen) -> None:
    check_error(fwgen("build", DIGITS, "-b", "mps2-an505", "--npu", U55), 2, "the board has none")


def test_a_model_compiled_for_another_npu_is_refused(
    fwgen: Fwgen, vela_digits: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "compiled.tflite"
    path.write_bytes(vela_digits)
    done = fwgen("build", path, "-b", "corstone-300", "--npu", "ethos-u55-256")
    check_error(done, 3, "compiled for ethos-u55-128, expected ethos-u55-256")
    done = fwgen("build", path, "-b", "corstone-300", "--vela-args=--optimise Size")
    check_error(done, 2, "compiled already")
    check_error(fwgen("build", path, "-b", "mps2-an386"), 2, "has no NPU")


def test_a_model_of_which_the_npu_does_nothing_is_refused() -> None:
    codes = {op.code for op in read_model(DIGITS.read_bytes(), "digits").ops}
    with pytest.raises(ModelError, match="left all ops to the core"):
        read(DIGITS, BOARD, NpuChoice(U55, ignoring(*codes)))


def test_without_vela_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("fwgen.npu.vela.version", missing)
    with pytest.raises(ToolError, match="needs Vela") as caught:
        read(DIGITS, BOARD, NpuChoice(U55))
    assert "pip install 'ethos-u-vela" in str(caught.value)


def test_float32_products_are_those_of_vela() -> None:
    """The multiplier of each FULLY_CONNECTED in Vela's constants is that of the changed scales."""
    from fwgen.model.fixed_point import quantize_multiplier
    from fwgen.npu.model import npu_weights as stream
    from fwgen.npu.model.stream_commands import Long, Operation, Registers, read_commands

    found = 0
    for path in [p for p in REAL_MODELS if p.stem == "ad01_int8"]:
        source = read(path, BOARD, NpuChoice(U55))
        model = read(path, BOARD).graph
        changed = with_float32_products(model, {op.index for op in model.ops})
        (op,) = source.graph.ops
        assert isinstance(op.options, Offload)
        constants = np.frombuffer(source.graph.tensors[op.inputs[-1]].constant.tobytes(), np.uint8)
        registers = Registers()
        scales = []
        for command in read_commands(op.options.payload.stream, "s"):
            if not isinstance(command.what, Operation):
                registers.set(command)
            elif command.what is Operation.CONV:
                at, size = (registers.address(Long[f"SCALE_{what}"]) for what in ("BASE", "LENGTH"))
                scales.append(stream.records(constants[at : at + size], 1)[1:])
        layers = [op for op in changed.ops if op.code == "FULLY_CONNECTED"]
        for layer, (scale, shift) in zip(layers, scales, strict=False):
            x, w, y = changed.input(layer, 0), changed.input(layer, 1), changed.output(layer)
            multiplier, places = quantize_multiplier(x.scale * w.scale / y.scale)
            assert (int(scale[0]), 31 - int(shift[0])) == (multiplier, places)
            found += 1
    assert found == 10 or not REAL_MODELS


def test_an_unknown_option_of_the_board_file_is_told() -> None:
    with pytest.raises(UsageError, match="no NPU"):
        npu_of(load_board("mps2-an386"), U55)
