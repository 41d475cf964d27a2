"""The functional NPU: Vela's streams give the bytes of TFLM, and faults are told by name."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from fwgen.errors import DeviceFault, FwgenError, ModelError
from fwgen.host.oracle import Oracle
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.npu.model import npu_weights
from fwgen.npu.model.arithmetic import Rounding, leading_zeros, rescale
from fwgen.npu.model.blocks import Operands, add
from fwgen.npu.model.byte_ranges import extents
from fwgen.npu.model.feature_map import FeatureMap
from fwgen.npu.model.machine import Machine
from fwgen.npu.model.stream_commands import Long, Operation, Registers, Short, read_commands
from fwgen.npu.payload import read_payload
from tests.conftest import OWN_MODELS, REAL_MODELS, ROOT
from tests.npu import offloaded as npu
from tests.npu.npu_models import MAKERS, op_model
from tests.tflite_models import ModelBuilder, random_inputs, random_op_model
from tests.tflite_models.hand_made import dense

U55 = tuple(f"ethos-u55-{macs}" for macs in (32, 64, 128, 256))
ALL = (*U55, "ethos-u65-256", "ethos-u65-512")
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")

# Vela multiplies FULLY_CONNECTED's scales as float32, TFLM's wheel as double: one step at most
ONE_OFF = {"ad01_int8"}


# every configuration for a small model, one of each product for the larger ones
RUNS = [(DIGITS, each) for each in ALL]
RUNS += [(path, each) for path in REAL_MODELS for each in ("ethos-u55-128", "ethos-u65-512")]


@pytest.mark.parametrize(
    ("path", "configuration"), RUNS, ids=[f"{path.stem}-{each}" for path, each in RUNS]
)
def test_models_give_the_bytes_of_tflm(path: Path, configuration: str, tmp_path: Path) -> None:
    model = path.read_bytes()
    compiled = npu.offloaded(npu.compiled(model, tmp_path, configuration))
    assert compiled is not None
    machine = Machine(compiled.payload.configuration)
    assert machine.configuration.name == configuration
    distinct = set()
    with Oracle(model) as oracle:
        for seed in range(3):
            values = random_inputs(model, np.random.default_rng(seed))
            expected = oracle.invoke(values)
            for got, right in zip(compiled.run(machine, values), expected, strict=True):
                apart = np.abs(got.astype(int) - right.astype(int)).max()
                assert apart <= (path.stem in ONE_OFF)
                distinct.update(got.reshape(-1).tolist())
    assert len(distinct) > 2, "the outputs say nothing"


CODES = (
    *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D"),
    *("FULLY_CONNECTED", "LOGISTIC", "MAXIMUM", "MAX_POOL_2D", "MINIMUM", "MUL", "PAD"),
    *("RELU", "RELU6", "SOFTMAX", "SUB", "TANH", "TRANSPOSE"),
)


@pytest.mark.parametrize("code", CODES)
def test_random_ops_give_the_bytes_of_tflm(code: str, tmp_path: Path) -> None:
    tried = 0
    for seed in range(4):
        rng = np.random.default_rng([seed, *code.encode()])
        model = random_op_model(code, rng)
        ranks = {x.ndim for x in random_inputs(model, rng)}
        if max(ranks) > 4 and len(ranks) > 1:
            continue  # see the test of operands of fewer dimensions
        configuration = ALL[seed % len(ALL)]
        compiled = npu.offloaded(npu.compiled(model, tmp_path, configuration))
        if compiled is None:
            continue
        tried += 1
        machine = Machine(compiled.payload.configuration)
        with Oracle(model) as oracle:
            values = random_inputs(model, rng)
            for got, right in zip(
                compiled.run(machine, values), oracle.invoke(values), strict=True
            ):
                apart = np.abs(got.astype(int) - right.astype(int)).max(initial=0)
                assert apart <= (code == "FULLY_CONNECTED"), (seed, configuration)
    assert tried >= 1


NEVER = {
    ("ARG_MAX", "int16"): "Vela refuses it",
    ("EXP", "int8"): "TFLM has it for floats",
    ("EXP", "int16"): "TFLM has it for floats",
    ("HARD_SWISH", "int16"): "Vela refuses it",
    ("MIRROR_PAD", "int16"): "TFLM refuses it",
    ("PRELU", "int16"): "Vela crashes",
    ("RESIZE_BILINEAR", "int16"): "TFLM refuses it",
    ("RSQRT", "int8"): "TFLM refuses numbers below the zero point",
    ("RSQRT", "int16"): "TFLM refuses numbers below the zero point",
}
VELAS = [(code, dtype) for code in MAKERS for dtype in ("int8", "int16")]


@pytest.mark.parametrize(("code", "dtype"), [each for each in VELAS if each not in NEVER])
def test_ops_of_vela_give_the_bytes_of_tflm(code: str, dtype: str, tmp_path: Path) -> None:
    """Also those that fwgen has no kernels for."""
    for seed in range(4):
        rng = np.random.default_rng([seed, *code.encode()])
        model = op_model(code, dtype, rng)
        configuration = ALL[(seed + len(code) + len(dtype)) % len(ALL)]
        compiled = npu.offloaded(npu.compiled(model, tmp_path, configuration))
        if compiled is not None:
            break
    assert compiled is not None
    machine = Machine(compiled.payload.configuration)
    with Oracle(model) as oracle:
        for _ in range(4):
            values = random_inputs(model, rng)
            right = oracle.invoke(values)
            for got, expected in zip(compiled.run(machine, values), right, strict=True):
                apart = np.abs(got.astype(int) - expected.astype(int)).max(initial=0)
                assert apart <= (code == "FULLY_CONNECTED"), (seed, configuration)


def test_dense_layers_are_exact_with_the_multiplier_that_vela_gives_them(tmp_path: Path) -> None:
    """Which is of a product of scales as float32. Calculated without the model or TFLM."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        (a, b, c), zeros = 2.0 ** rng.uniform(-7, -4, 3), rng.integers(-100, 100, 2)
        w = rng.integers(-127, 128, (24, 70)).astype(np.int8)
        bias = rng.integers(-3000, 3000, 24)
        c = float(np.float32(c * 8))
        model = dense((a, int(zeros[0])), b, (c, int(zeros[1])), w, bias)
        compiled = npu.offloaded(npu.compiled(model, tmp_path, ALL[seed]))
        assert compiled is not None
        x = rng.integers(-128, 128, (1, 70)).astype(np.int8)
        (got,) = compiled.run(Machine(compiled.payload.configuration), [x])
        sums = (x.astype(np.int64) - zeros[0]) @ w.astype(np.int64).T + bias
        product = np.float32(a) * np.float32(b)
        multiplier, shift = quantize_multiplier(float(product) / c)
        right = np.clip(requantize(sums, multiplier, shift) + zeros[1], -128, 127)
        assert (got == right).all() and len(np.unique(got)) > 3


def test_vela_aligns_an_operand_of_fewer_dimensions_with_the_front_of_five(tmp_path: Path) -> None:
    """Its first dimension is taken for the second one: not TFLM's result, but what Vela asks."""
    m = ModelBuilder()
    shapes = (1, 5, 4, 2, 3), (4, 2, 3)
    x, y = (m.tensor(shape, scale=0.05) for shape in shapes)
    m.op("MAXIMUM", [x, y], [m.tensor(shapes[0], scale=0.05)])
    compiled = npu.offloaded(npu.compiled(m.build(), tmp_path, "ethos-u55-128"))
    assert compiled is not None
    rng = np.random.default_rng(9)
    a, b = (rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes)
    (got,) = compiled.run(Machine(compiled.payload.configuration), [a, b])
    for k in range(5):
        assert (got[0, k] == np.maximum(a[0, k], b[min(k, 3)])).all()


def test_tables_of_bytes_and_words_stand_side_by_side(tmp_path: Path) -> None:
    m = ModelBuilder()
    shape = (1, 4, 40)
    x = m.tensor(shape, scale=0.05, zero_point=3)
    for code, scale, zero, options in (
        ("LOGISTIC", 1 / 256, -128, {}),
        ("SOFTMAX", 1 / 256, -128, {"beta": 1.0}),
        ("TANH", 1 / 128, 0, {}),
        ("SOFTMAX", 1 / 256, -128, {"beta": 3.0}),
    ):
        y = m.tensor(shape, scale=scale, zero_point=zero)
        m.op(code, [x], [y], **options)
        x = y
    model = m.build()
    compiled = npu.offloaded(npu.compiled(model, tmp_path, "ethos-u65-512"))
    assert compiled is not None
    with Oracle(model) as oracle:
        for seed in range(3):
            values = random_inputs(model, np.random.default_rng(seed))
            (got,) = compiled.run(Machine(compiled.payload.configuration), values)
            assert (got == oracle.invoke(values)[0]).all()


@pytest.mark.parametrize("code", ["LOGISTIC", "TANH"])
def test_functions_of_16_bits_are_those_of_tflm_for_every_number(code: str, tmp_path: Path) -> None:
    values = np.arange(-(1 << 15), 1 << 15).astype(np.int16).reshape(1, 256, 256, 1)
    for scale in (1 / 4096, 0.003):
        m = ModelBuilder()
        x = m.tensor(values.shape, "int16", scale=scale)
        y = m.tensor(values.shape, "int16", scale=1 / 32768)
        m.op(code, [x], [y])
        model = m.build()
        compiled = npu.offloaded(npu.compiled(model, tmp_path, "ethos-u55-128"))
        assert compiled is not None
        (got,) = compiled.run(Machine(compiled.payload.configuration), [values])
        with Oracle(model) as oracle:
            (right,) = oracle.invoke([values])
        assert (got == right).all()


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> npu.Offloaded:
    folder = tmp_path_factory.mktemp("digits")
    compiled = npu.offloaded(npu.compiled(DIGITS.read_bytes(), folder, "ethos-u55-128"))
    assert compiled is not None
    return compiled


def test_a_corrupted_weight_stream_is_noticed(digits: npu.Offloaded) -> None:
    """Most bits of the constants matter: flipped, they end in an error or other outputs."""
    inputs = [random_inputs(DIGITS.read_bytes(), np.random.default_rng(k)) for k in range(4)]
    machine = Machine(digits.payload.configuration)
    right = [digits.run(machine, values)[0] for values in inputs]
    rng = np.random.default_rng(2)
    noticed = 0
    for _ in range(30):
        data = bytearray(digits.constants)
        data[int(rng.integers(len(data)))] ^= 1 << int(rng.integers(8))
        broken = replace(digits, constants=bytes(data))
        try:
            got = [broken.run(machine, values)[0] for values in inputs]
            noticed += any((a != b).any() for a, b in zip(got, right, strict=True))
        except FwgenError:
            noticed += 1
    assert noticed >= 15


def payload_bytes(digits: npu.Offloaded) -> bytearray:
    words = digits.payload.stream
    head = np.array([int.from_bytes(b"COP1", "little"), 1, 0x1807, 0x10066001], "<u4")
    length = np.array([(len(words) & 0xFFFF) << 16 | len(words) >> 16 << 8 | 2], "<u4")
    return bytearray(np.concatenate([head, length, words]).tobytes())


def test_payloads_that_are_none_are_refused(digits: npu.Offloaded) -> None:
    good = payload_bytes(digits)
    assert read_payload(bytes(good), "p").configuration == digits.payload.configuration
    for data, why in (
        (b"", "has 0 bytes"),
        (good[:-1], "in words of 4"),
        (b"COP2" + good[4:], "expected b'COP1'"),
        (good[:8], "ends before the configuration"),
        (good[:-8], "ends before a stream"),
        (good[:16], "no command stream"),
        (good[:4] + good[16:], "No configuration precedes"),
        (good[:4] + b"\x09\0\0\0" + good[4:], "has action 9"),
        (good[:8] + b"\x07\x18\0\xf0" + good[12:], "product has code 15"),
    ):
        with pytest.raises(ModelError, match=why):
            read_payload(bytes(data), "p")


def test_another_number_of_macs_is_refused(digits: npu.Offloaded) -> None:
    other = replace(digits.payload.configuration, macs=256)
    with pytest.raises(DeviceFault, match="is for ethos-u55-128, the NPU is ethos-u55-256"):
        digits.run(Machine(other), random_inputs(DIGITS.read_bytes(), np.random.default_rng(0)))
    u85 = replace(digits.payload.configuration, product="ethos-u85")
    with pytest.raises(DeviceFault, match="Ethos-U85 is not modelled"):
        Machine(u85)


def test_streams_of_any_bits_end_in_a_fault_or_not_at_all(digits: npu.Offloaded) -> None:
    """No exception but DeviceFault, whatever words the stream has."""
    faults = fuzzed(digits, random_inputs(DIGITS.read_bytes(), np.random.default_rng(0)), 100)
    assert faults > 40


@pytest.mark.parametrize(
    ("code", "dtype"),
    [
        *(("SOFTMAX", "int16"), ("TRANSPOSE_CONV", "int16"), ("MEAN", "int8")),
        *(("MIRROR_PAD", "int8"), ("LOGISTIC", "int16"), ("SQUARED_DIFFERENCE", "int8")),
    ],
)
def test_streams_of_ops_end_in_a_fault_or_not_at_all(code: str, dtype: str, tmp_path: Path) -> None:
    model = op_model(code, dtype, np.random.default_rng(3))
    compiled = npu.offloaded(npu.compiled(model, tmp_path, "ethos-u65-512"))
    assert compiled is not None
    assert fuzzed(compiled, random_inputs(model, np.random.default_rng(0)), 40) > 10


def fuzzed(compiled: npu.Offloaded, values: list[np.ndarray], count: int) -> int:
    """How many of ``count`` streams and constants with a few other bits fault."""
    rng = np.random.default_rng(3)
    machine = Machine(compiled.payload.configuration)
    faults = 0
    for _ in range(count):
        words, constants = compiled.payload.stream.copy(), bytearray(compiled.constants)
        for _ in range(int(rng.integers(1, 4))):
            words[int(rng.integers(len(words)))] ^= np.uint32(1 << int(rng.integers(32)))
        if rng.random() < 0.2:
            words = words[: int(rng.integers(1, len(words)))]
        if constants and rng.random() < 0.3:
            constants[int(rng.integers(len(constants)))] ^= 1 << int(rng.integers(8))
        payload = replace(compiled.payload, stream=words)
        broken = replace(compiled, payload=payload, constants=bytes(constants))
        try:
            extents(payload)
        except FwgenError as fault:
            assert isinstance(fault, DeviceFault) and "NPU" in str(fault)
        try:
            broken.run(machine, values)
        except FwgenError as fault:
            faults += 1
            assert (isinstance(fault, DeviceFault) and "word" in str(fault)) or "STOP" in str(fault)
    return faults


@pytest.mark.parametrize("configuration", ["ethos-u55-128", "ethos-u65-512"])
def test_extents_are_what_a_run_depends_on_and_changes(configuration: str, tmp_path: Path) -> None:
    """Only bytes that are read matter; only those that are written change, and nearly all do."""
    compiled = npu.offloaded(npu.compiled(DIGITS.read_bytes(), tmp_path, configuration))
    assert compiled is not None
    found = extents(compiled.payload)
    sizes = {0: len(compiled.constants), 1: compiled.arena_bytes, 2: compiled.fast_bytes or 0}
    rng = np.random.default_rng(7)
    machine = Machine(compiled.payload.configuration)
    constants = np.frombuffer(compiled.constants, np.uint8)
    given = rng.integers(0, 256, sizes[1]).astype(np.uint8)
    results = []
    for _ in range(2):
        before = {k: rng.integers(0, 256, n).astype(np.uint8) for k, n in sizes.items()}
        for region, source in ((0, constants), (1, given)):
            for low, high in found.reads[region]:
                before[region][low:high] = source[low:high]
        after = {region: data.copy() for region, data in before.items()}
        machine.run(compiled.payload, after)
        written = []
        for region, data in after.items():
            inside = np.zeros(len(data), bool)
            for low, high in found.writes.get(region, ()):
                inside[low:high] = True
            changed = data != before[region]
            assert not (changed & ~inside).any()
            assert changed.sum() >= 0.9 * inside.sum()
            written.append(data[inside])
        results.append(np.concatenate(written))
    assert (results[0] == results[1]).all()
    total = sum(high - low for low, high in found.reads[1])
    assert total == sum(int(np.prod(tensor.shape)) for tensor in compiled.inputs)
    with pytest.raises(DeviceFault, match="expected 0 to"):
        words = compiled.payload.stream.copy()
        words[np.flatnonzero(words & 0xFFFF == Short.OFM_REGION.value)] += np.uint32(1 << 24)
        extents(replace(compiled.payload, stream=words))


def test_memory_that_changes_between_runs_is_looked_at_again(digits: npu.Offloaded) -> None:
    """Weights are kept decoded, but no longer than they are the same."""
    values = random_inputs(DIGITS.read_bytes(), np.random.default_rng(8))
    machine = Machine(digits.payload.configuration)
    right = digits.run(machine, values)[0]
    biased = bytearray(digits.constants)
    for low, _ in extents(digits.payload).reads[0]:
        biased[low] ^= 0x40
    broken = replace(digits, constants=bytes(biased))
    for _ in range(2):
        try:
            fresh = broken.run(Machine(digits.payload.configuration), values)[0]
        except DeviceFault:
            with pytest.raises(DeviceFault):
                broken.run(machine, values)
        else:
            assert (broken.run(machine, values)[0] == fresh).all()
        assert (digits.run(machine, values)[0] == right).all()


def test_every_register_and_operation_has_its_own_code() -> None:
    shorts = [each.value for each in (*Operation, *Short)]
    longs = [each.value for each in Long]
    assert len(set(shorts)) == len(shorts) and len(set(longs)) == len(longs)
    (stop,) = read_commands(np.array([0xFFFF0000], np.uint32), "s")
    assert (stop.what, stop.parameter) == (Operation.STOP, 0xFFFF)


def test_rounding_twice_is_that_of_tensorflow_lite() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(-(1 << 24), 1 << 24, 4000)
    multiplier = rng.integers(1 << 30, (1 << 31) - 1, 4000)
    shift = rng.integers(-20, 6, 4000)
    expected = [
        int(requantize(np.array([a]), int(m), int(s))[0])
        for a, m, s in zip(x, multiplier, shift, strict=True)
    ]
    assert rescale(x, multiplier, 31 - shift, Rounding.TFL).tolist() == expected
    assert rescale(np.array([5, -5, 6, 7]), 1, 1, Rounding.NATURAL).tolist() == [3, -2, 3, 4]
    assert rescale(np.array([5, -5, 6, 7]), 1, 1, Rounding.TRUNCATE).tolist() == [2, -2, 3, 3]
    assert leading_zeros(np.array([0, 1, -1, 1 << 30])).tolist() == [32, 31, 0, 1]


@pytest.mark.parametrize("rounding", Rounding)
def test_products_of_any_size_are_exact(rounding: Rounding) -> None:
    """As integers of any size are; the largest beside small ones, with a factor each or for all."""
    rng = np.random.default_rng(6)
    x = rng.integers(-(1 << 40), 1 << 40, (50, 6)) >> rng.integers(0, 40, (50, 6))
    scale, shift = rng.integers(1, 1 << 32, 6), rng.integers(30, 64, 6)
    found = rescale(x, scale, shift, rounding)
    for (row, column), value in np.ndenumerate(x):
        s, n = int(scale[column]), int(shift[column])
        if rounding is Rounding.TFL:
            high = min((int(value) * (s << max(31 - n, 0)) + (1 << 30)) >> 31, (1 << 31) - 1)
            away = Fraction(high, 1 << max(n - 31, 0))
            right = int(abs(away) + Fraction(1, 2)) * (1 if away >= 0 else -1)
        elif rounding is Rounding.NATURAL:
            right = math.floor(Fraction(int(value) * s, 1 << n) + Fraction(1, 2))
        else:
            right = math.trunc(Fraction(int(value) * s, 1 << n))
        assert found[row, column] == right
    assert rescale(x[:, :1], int(scale[0]), int(shift[0]), rounding).tolist() == [
        [n] for n in found[:, 0].tolist()
    ]
    with pytest.raises(DeviceFault, match="63 bits"):
        rescale(np.array([1 << 40]), (1 << 32) - 1, 0, Rounding.NATURAL)


def test_sums_of_any_size_are_exact() -> None:
    """Of two 32-bit numbers with 32-bit factors."""
    a, b = (np.array([(1 << 31) - 1, -(1 << 31), 5]).reshape(1, 1, 3) for _ in range(2))
    o = Operands(a, b, 32, 0, ((1 << 32) - 1, 0), (1 << 32) - 1, (1, 40), Rounding.NATURAL)
    right = [(2 * n * ((1 << 32) - 1) + (1 << 39)) >> 40 for n in a.reshape(-1).tolist()]
    assert add(o, 1).reshape(-1).tolist() == right
    assert not add(o, -1).any()


def test_results_of_32_bits_have_no_zero_point(tmp_path: Path) -> None:
    """Streams of older Velas leave that of a SOFTMAX's input set while 32-bit numbers are written:
    TFLM's bytes come out of them only so."""
    m = ModelBuilder()
    x = m.tensor((3, 9), scale=0.05, zero_point=3)
    m.op("SOFTMAX", [x], [m.tensor(x.shape, scale=1 / 256, zero_point=-128)], beta=1.0)
    model = m.build()
    compiled = npu.offloaded(npu.compiled(model, tmp_path, "ethos-u55-256"))
    assert compiled is not None
    words, registers, changed = compiled.payload.stream.copy(), Registers(), 0
    last: int | None = None
    for command in read_commands(compiled.payload.stream, "s"):
        if isinstance(command.what, Operation):
            wide = registers.short(Short.OFM_PRECISION) >> 1 & 3 == 2
            if last is not None and wide and registers.short(Short.ACTIVATION) < 16:
                words[last] |= np.uint32(0xFFFF << 16)
                changed += 1
            last = None
            continue
        registers.set(command)
        if command.what is Short.OFM_ZERO_POINT:
            last = command.position
    assert changed
    older = replace(compiled, payload=replace(compiled.payload, stream=words))
    with Oracle(model) as oracle:
        values = random_inputs(model, np.random.default_rng(1))
        (got,) = older.run(Machine(compiled.payload.configuration), values)
        assert (got == oracle.invoke(values)[0]).all()


OLDER = ROOT.parent / "shared" / "models" / "more" / "person_detect_vela.tflite"


@pytest.mark.skipif(not OLDER.exists(), reason="the model is not here")
def test_a_stream_of_an_older_vela_gives_the_bytes_of_tflm() -> None:
    compiled = npu.offloaded(OLDER.read_bytes())
    assert compiled is not None
    model = OLDER.with_name("person_detect.tflite").read_bytes()
    machine = Machine(compiled.payload.configuration)
    with Oracle(model) as oracle:
        for seed in range(4):
            values = random_inputs(model, np.random.default_rng(seed))
            (got,) = compiled.run(machine, values)
            assert (got == oracle.invoke(values)[0]).all()


@pytest.mark.parametrize("depthwise", [False, True])
def test_every_weight_has_one_place_in_the_stream(depthwise: bool) -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        out, h, w, depth = (int(n) for n in rng.integers(1, (40, 12, 12, 70)))
        part = bool(rng.random() < 0.5) and not depthwise
        order = npu_weights.Order(
            shape=(out, h, w, 1 if depthwise else depth),
            block=int(rng.choice([8, 16, 32])),
            micro=(int(rng.choice([4, 8])), 8),
            dilation=(int(rng.integers(1, 3)), int(rng.integers(1, 3))),
            depthwise=depthwise,
            part_kernel=part,
            input_bits=int(rng.choice([8, 16])),
        )
        where = npu_weights.places(order)
        count = out * h * w * order.shape[3]
        assert sorted(where[where >= 0].tolist()) == list(range(count))


def test_feature_maps_are_found_in_tiles_and_bricks() -> None:
    """Against a walk element by element."""
    rng = np.random.default_rng(6)
    for _ in range(60):
        h, w, c = (int(n) for n in rng.integers(1, (7, 7, 40)))
        size, bricks = int(rng.choice([1, 2, 4])), bool(rng.random() < 0.5)
        signed = bool(rng.random() < 0.5)
        width = int(rng.integers(1, w + 1))
        heights = int(rng.integers(1, h + 1)), int(rng.integers(1, h + 1))
        bases = tuple(int(b) for b in rng.permutation(4) * 40_000 + 1)
        if bricks:
            strides = (w * size * -(-c // 16) * 16, 16 * size, w * 16 * size)
        else:
            strides = (w * c * size, c * size, size)
        if rng.random() < 0.5:  # backwards, from far enough on
            strides = (-strides[0], *strides[1:])
            bases = tuple(base + 20_000 for base in bases)
        found = FeatureMap(
            "IFM", 1, (h, w, c), size, signed, bricks, bases, width, heights, strides
        )
        places = np.zeros((h, w, c), np.int64)
        for y in range(h):
            for x in range(w):
                right = x >= width
                below = y >= heights[right]
                at = bases[right + 2 * below]
                at += (y - heights[right] * below) * strides[0]
                at += (x - width * right) * strides[1]
                for k in range(c):
                    inside = k // 16 * strides[2] + k % 16 * size if bricks else k * size
                    places[y, x, k] = at + inside
        assert (found.start, found.end) == (places.min(), places.max() + size)
        memory = {1: rng.integers(0, 256, found.end).astype(np.uint8)}
        whole = memory[1].tobytes()
        values = found.read(memory)
        for place in np.ndindex(h, w, c):
            first = int(places[place])
            right_one = int.from_bytes(whole[first : first + size], "little", signed=signed)
            assert int(values[place]) == right_one
        touched = np.zeros(found.end, np.uint8)
        for view in found.bytes_of(touched):
            view += 1
        every = (places[..., None] + np.arange(size)).reshape(-1)
        assert np.flatnonzero(touched).tolist() == sorted(every.tolist())
        copy = {1: np.zeros(found.end, np.uint8)}
        found.write(copy, values.astype(np.int64))
        assert (copy[1] == np.where(touched > 0, memory[1], 0)).all()
        with pytest.raises(DeviceFault, match=r"reaches from byte|cannot hold"):
            found.read({1: memory[1][:-1]})
