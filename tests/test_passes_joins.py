"""Ops that passes join or drop: fewer of them, and every tensor that is left as TFLM has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import kernels
import numpy as np
import pytest
from pass_models import pass_model
from tflite_models import ModelBuilder, Tensor, random_inputs
from tflite_micro import runtime
from tflm import load

from fwgen.model.graph import Graph
from fwgen.ops import operators
from fwgen.ops.channels import outside_taps
from fwgen.ops.checks import Activation, activation_range
from fwgen.ops.conv_2d import Options
from fwgen.ops.windows import ExplicitPadding, windows
from fwgen.passes import PASSES, optimize
from fwgen.passes.clamps import fuse_clamps
from fwgen.passes.lookups import fuse_lookups
from fwgen.passes.pads import fold_pads
from fwgen.passes.unused_ops import drop_unused_ops

MODELS, RUNS = 100, 2
OneSided = Callable[[Graph], Graph]


class Tflm:
    """All tensors of a model as TFLM computes them."""

    def __init__(self, model: bytes) -> None:
        self.interpreter = runtime.Interpreter.from_bytes(
            model,
            arena_size=4 << 20,
            intrepreter_config=runtime.InterpreterConfig.kPreserveAllTensors,
        )

    def run(self, inputs: Sequence[np.ndarray]) -> None:
        for index, array in enumerate(inputs):
            self.interpreter.set_input(array, index)
        self.interpreter.invoke()

    def tensor(self, index: int) -> np.ndarray:
        value: np.ndarray = self.interpreter.GetTensor(index, 0)["tensor_data"]
        return value


def assert_ops_as_tflm(model: bytes, graphs: Sequence[Graph], rng: np.random.Generator) -> None:
    """Assert that all ops of all ``graphs``, made of one model, write what TFLM has there."""
    oracle = Tflm(model)
    for _ in range(RUNS):
        inputs = random_inputs(model, rng)
        oracle.run(inputs)
        for graph, tensors in zip(graphs, kernels.run([(g, inputs) for g in graphs]), strict=True):
            assert_as(oracle, graph, tensors)


def assert_as(oracle: Tflm, graph: Graph, tensors: Sequence[np.ndarray]) -> None:
    for op in graph.ops:
        y = graph.output(op)
        assert y.source is not None
        expected = oracle.tensor(y.source)
        if y.channels is not None:
            expected = expected[..., list(y.channels)]
        assert tensors[y.index].tobytes() == expected.tobytes(), (op, y)


@pytest.fixture(scope="module")
def models() -> list[bytes]:
    return [pass_model(seed) for seed in range(MODELS)]


def test_every_tensor_of_random_models_is_as_tflm_has_it(models: list[bytes]) -> None:
    graphs, cases, oracles = [], [], []
    for seed, model in enumerate(models):
        graph, oracle = load(model), Tflm(model)
        for g in (graph, optimize(graph, strict=seed % 2 == 0)):
            for op in g.ops:
                operators()[op.code].check(g, op)
            graphs.append(g)
            oracles.append(oracle)
    rng = np.random.default_rng(1)
    for _ in range(RUNS):
        values = [random_inputs(model, rng) for model in models for _ in range(1)]
        for model_number, inputs in enumerate(values):
            cases += [(graphs[2 * model_number + k], inputs) for k in range(2)]
    results = iter(kernels.run(cases))
    for number, (graph, inputs) in enumerate(cases):
        oracle = oracles[number % len(graphs)]
        oracle.run(inputs)
        assert_as(oracle, graph, next(results))
    before = sum(len(g.ops) for g in graphs[::2])
    after = sum(len(g.ops) for g in graphs[1::2])
    assert after < 0.6 * before


@pytest.mark.parametrize("run", PASSES, ids=lambda run: run.__name__)
def test_each_pass_finds_its_work_and_then_no_more(models: list[bytes], run: OneSided) -> None:
    changed = 0
    for model in models:
        graph = load(model)
        smaller = run(graph)
        assert (smaller is graph) == (len(smaller.ops) == len(graph.ops))
        assert run(smaller) is smaller
        changed += smaller is not graph
        assert (smaller.inputs, smaller.outputs) == (graph.inputs, graph.outputs)
        indices = [op.index for op in smaller.ops]
        assert len(set(indices)) == len(indices)
        assert set(indices) <= {op.index for op in graph.ops}
    assert MODELS // 4 < changed < MODELS


# Small models: what is joined, and what must stay

Made = tuple[ModelBuilder, Tensor]


def image(channels: int = 2) -> Made:
    m = ModelBuilder()
    return m, m.tensor((1, 4, 5, channels), scale=0.1, zero_point=-3)


def conv(m: ModelBuilder, x: Tensor, activation: str = "NONE", **options: object) -> Tensor:
    """A convolution by 2x3 of the same size."""
    c = x.shape[3]
    w = m.tensor((c, 2, 3, c), scale=0.02, data=np.arange(6 * c * c) % 13 - 6)
    chosen = {"padding": "SAME", "stride_h": 1, "stride_w": 1, **options}
    rows, columns = x.shape[1:3]
    if chosen["padding"] == "VALID":
        rows, columns = rows - 1, columns - 2
    y = m.tensor((1, rows, columns, c), scale=0.05, zero_point=-20)
    m.op("CONV_2D", [x, w], [y], fused_activation_function=activation, **chosen)
    return y


def op(m: ModelBuilder, code: str, x: Tensor, *more: Tensor, **options: object) -> Tensor:
    """An op whose output is like its input."""
    y = m.tensor(x.shape, scale=x.scale, zero_point=x.zero_point)
    m.op(code, [x, *more], [y], **options)
    return y


def pad(m: ModelBuilder, x: Tensor, *pairs: tuple[int, int], scale: float = 0.0) -> Tensor:
    shape = [n + sum(pair) for n, pair in zip(x.shape, pairs, strict=True)]
    y = m.tensor(shape, scale=scale or x.scale, zero_point=x.zero_point)
    m.op("PAD", [x, m.tensor((4, 2), "int32", data=pairs)], [y])
    return y


HW = ((0, 0), (2, 1), (0, 3), (0, 0))


def number(m: ModelBuilder, x: Tensor, *values: int) -> Tensor:
    return m.tensor((len(values),), scale=x.scale, zero_point=x.zero_point, data=values)


def codes(graph: Graph) -> list[str]:
    return [op.code for op in graph.ops]


def assert_codes(run: OneSided, model: bytes, expected: str) -> Graph:
    """Assert what ops a pass leaves, and that it computes the same."""
    graph = load(model)
    made = run(graph)
    assert " ".join(codes(made)) == expected
    assert_ops_as_tflm(model, [made], np.random.default_rng(1))
    return made


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_pads_in_a_row_become_explicit_padding(padding: str) -> None:
    m, x = image()
    x = pad(m, pad(m, x, (0, 0), (0, 4), (0, 0), (0, 0)), *HW)
    conv(m, x, padding=padding)
    graph = assert_codes(fold_pads, m.build(), "CONV_2D")
    options = graph.ops[0].options
    assert isinstance(options, Options)
    assert options.padding == {
        # SAME adds nothing before the 2 rows and 1 column before the 3 columns, the rest after
        "SAME": ExplicitPadding((2, 6), (1, 4)),
        "VALID": ExplicitPadding((2, 5), (0, 3)),
    }[padding]  # fmt: skip


def test_unused_trailing_padding_is_forgotten() -> None:
    m, x = image()
    x = pad(m, x, *HW)
    w = m.tensor((1, 1, 1, 2), scale=0.02, data=[3, -5])
    y = m.tensor((1, 1, 1, 1), scale=0.05)
    m.op("CONV_2D", [x, w], [y], padding="VALID", stride_h=7, stride_w=9)
    graph = assert_codes(fold_pads, m.build(), "CONV_2D")
    options = graph.ops[0].options
    assert isinstance(options, Options) and options.padding == ExplicitPadding((2, 0), (0, 0))


def build_pads(kind: str) -> bytes:
    m, x = image()
    if kind == "channels":
        conv(m, pad(m, x, (0, 0), (1, 1), (1, 1), (0, 1)))
    elif kind == "batches":
        padded = pad(m, x, (0, 1), (1, 1), (1, 1), (0, 0))
        w = m.tensor((1, 1, 1, 2), scale=0.02, data=[3, -5])
        y = m.tensor((2, 6, 7, 1), scale=0.05)
        m.op("CONV_2D", [padded, w], [y], padding="SAME", stride_h=1, stride_w=1)
    elif kind == "scale":
        conv(m, pad(m, x, *HW, scale=0.3))
    elif kind == "pool":
        y = pad(m, x, *HW)
        window = {"filter_height": 2, "filter_width": 2, "stride_h": 1, "stride_w": 1}
        op(m, "AVERAGE_POOL_2D", y, padding="SAME", **window)
    elif kind == "reader":
        y = pad(m, x, *HW)
        conv(m, y)
        op(m, "RELU", y)
    else:
        y = pad(m, x, *HW)
        return m.build(outputs=[y, conv(m, y)])
    return m.build()


@pytest.mark.parametrize("kind", ["channels", "batches", "scale", "pool", "reader", "output"])
def test_pads_that_stay(kind: str) -> None:
    graph = load(build_pads(kind))
    assert fold_pads(graph) is graph


def test_outside_taps_and_windows_with_explicit_padding() -> None:
    """Against every position of every tap, one by one."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        extents, kernel, strides, dilations = rng.integers((2, 1, 1, 1), (9, 5, 4, 3), (2, 4)).T
        padding = ExplicitPadding(*(tuple(map(int, rng.integers(0, 6, 2))) for _ in range(2)))
        options = Options(padding, *map(int, strides), 0, *map(int, dilations))
        m = ModelBuilder()
        x = m.tensor((1, *extents, 1), scale=1.0)
        m.op("RELU", [x], [m.tensor(x.shape, scale=1.0)])
        tensor = load(m.build()).tensors[0]
        sizes, ever = [], []
        for axis, (before, after) in enumerate((padding.rows, padding.columns)):
            extent, taps = int(extents[axis]), np.arange(kernel[axis]) * dilations[axis]
            starts = [
                start
                for start in range(-before, extent + after, strides[axis])
                if start + taps[-1] < extent + after
            ]
            sizes.append((len(starts), before))
            ever.append([any(not 0 <= s + tap < extent for s in starts) for tap in taps])
        if not all(count for count, _ in sizes):
            continue
        kernel_size = (int(kernel[0]), int(kernel[1]))
        found = windows(tensor, kernel_size, options)
        assert [(w.size, w.before) for w in found] == sizes
        expected = np.array(ever[0])[:, None] | np.array(ever[1])[None, :]
        np.testing.assert_array_equal(outside_taps(tensor, kernel_size, options), expected)


def test_clamps_in_a_row_become_limits() -> None:
    m, x = image()
    y = conv(m, x, "RELU6")
    y = op(m, "MAXIMUM", op(m, "RELU", op(m, "MINIMUM", y, number(m, y, 60))), number(m, y, -7))
    y = op(m, "QUANTIZE", op(m, "RELU6", y))
    graph = assert_codes(fuse_clamps, m.build(), "CONV_2D")
    tensor = graph.tensors[y.index]
    assert tensor.limits == (-7, 60)
    assert activation_range(Activation.RELU6, tensor) == (-7, 60)
    assert graph.ops[0].index == 0


def test_the_last_of_two_clamps_has_the_last_word() -> None:
    m, x = image()
    y = conv(m, x, "RELU6")  # -20 to 100
    y = op(m, "MINIMUM", y, number(m, y, -50))
    graph = assert_codes(fuse_clamps, m.build(), "CONV_2D")
    assert activation_range(Activation.RELU6, graph.tensors[y.index]) == (-50, -50)


@pytest.mark.parametrize("code", ["ADD", "SUB", "MUL", "AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_all_ops_with_a_fused_activation_clamp(code: str) -> None:
    m, x = image()
    if "POOL" in code:
        window = {"filter_height": 2, "filter_width": 2, "stride_h": 1, "stride_w": 1}
        y = op(m, code, x, padding="SAME", **window)
    else:
        y = op(m, code, x, m.tensor(x.shape, scale=0.07, zero_point=9))
    op(m, "RELU", y)
    assert_codes(fuse_clamps, m.build(), code)


def test_fully_connected_clamps() -> None:
    m = ModelBuilder()
    x, w = m.tensor((3, 4), scale=0.1), m.tensor((5, 4), scale=0.1, data=np.arange(20) - 10)
    y = m.tensor((3, 5), scale=0.1, zero_point=3)
    m.op("FULLY_CONNECTED", [x, w], [y])
    op(m, "RELU6", y)
    assert_codes(fuse_clamps, m.build(), "FULLY_CONNECTED")


def build_clamps(kind: str) -> bytes:
    m, x = image()
    if kind == "no activation":
        op(m, "RELU", op(m, "RESHAPE", x))
        return m.build()
    y = conv(m, x)
    if kind == "scale":
        m.op("RELU", [y], [m.tensor(y.shape, scale=0.1, zero_point=y.zero_point)])
    elif kind == "zero point":
        m.op("RELU6", [y], [m.tensor(y.shape, scale=y.scale, zero_point=0)])
    elif kind == "no clamp":
        m.op("TANH", [y], [m.tensor(y.shape, scale=1 / 128)])
    elif kind == "numbers":
        op(m, "MINIMUM", y, number(m, y, 3, 4))
    elif kind == "shape":
        z = m.tensor((3, *y.shape[1:]), scale=y.scale, zero_point=y.zero_point)
        m.op("MAXIMUM", [y, m.tensor((3, 1, 1, 1), scale=y.scale, data=[4, 4, 4])], [z])
    elif kind == "reader":
        op(m, "RELU", y)
        op(m, "RELU6", y)
    elif kind == "twice":
        op(m, "MINIMUM", y, y)
    else:
        return m.build(outputs=[y, op(m, "RELU", y)])
    return m.build()


@pytest.mark.parametrize(
    "kind",
    ["no activation", "scale", "zero point", "no clamp", "numbers", "shape", "reader", "twice", ""],
)
def test_clamps_that_stay(kind: str) -> None:
    graph = load(build_clamps(kind))
    assert fuse_clamps(graph) is graph


def test_lookups_in_a_row_become_one_table() -> None:
    m, x = image()
    y = m.tensor(x.shape, scale=1 / 256, zero_point=-128)
    m.op("LOGISTIC", [op(m, "MUL", op(m, "RELU", x), number(m, x, 9))], [y])
    y = op(m, "SUB", y, m.tensor((), scale=0.5, data=[-1]))
    graph = assert_codes(fuse_lookups, m.build(), "LOOKUP")
    assert graph.ops[0].index == 3 and graph.ops[0].inputs == (x.index,)


def test_lookups_that_stay() -> None:
    m, x = image()
    first = op(m, "RELU", x)
    second = op(m, "TANH", first)
    op(m, "ADD", op(m, "LOGISTIC" if False else "TANH", x), second)
    graph = load(m.build(outputs=[first, *m.unread()]))
    assert fuse_lookups(graph) is graph
    m, x = image()
    y = op(m, "RELU", x)
    op(m, "ADD", y, number(m, y, 3, 4))
    op(m, "SOFTMAX" if False else "MAX_POOL_2D", op(m, "TANH", x), **POOL)
    graph = load(m.build())
    assert fuse_lookups(graph) is graph


POOL = {"filter_height": 1, "filter_width": 1, "stride_h": 1, "stride_w": 1}


def test_unused_ops_go_and_unused_inputs_stay() -> None:
    m, x = image()
    a, b = (m.tensor((3,), scale=0.1) for _ in range(2))
    unused = op(m, "RELU", op(m, "ADD", a, b))
    y = op(m, "TANH", x)
    op(m, "RELU", y)
    model = m.build(inputs=[a, x, b], outputs=[y])
    graph = assert_codes(drop_unused_ops, model, "TANH")
    assert graph.inputs == (a.index, x.index, b.index) and graph.ops[0].index == 2
    assert unused.index not in {t for op in graph.ops for t in op.inputs}
