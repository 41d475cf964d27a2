"""Ops that passes join or drop: fewer of them, and every tensor that is left as TFLM has it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fwgen.compile.passes import optimize
from fwgen.compile.passes.clamps import fuse_clamps
from fwgen.compile.passes.lookups import fuse_lookups
from fwgen.compile.passes.pads import fold_pads
from fwgen.compile.passes.unused_ops import drop_unused_ops
from fwgen.model.graph import Graph, Op
from fwgen.ops.conv_2d import Options
from fwgen.ops.parts.checks import Activation, activation_range
from fwgen.ops.parts.reach import outside_taps
from fwgen.ops.parts.windows import ExplicitPadding, windows
from tests.ops.tensors import assert_ops_as_tflm
from tests.tflite_models import ModelBuilder, Tensor
from tests.tflite_models.tflm import load

Pass = Callable[[Graph], Graph]


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


POOL = {"filter_height": 2, "filter_width": 2, "stride_h": 1, "stride_w": 1, "padding": "SAME"}


def only_op(run: Pass, model: bytes) -> tuple[Graph, Op]:
    """What a pass makes of a model of which it leaves one op."""
    graph = run(load(model))
    (op,) = graph.ops
    return graph, op


def pads_in_a_row(padding: str) -> bytes:
    m, x = image()
    x = pad(m, pad(m, x, (0, 0), (0, 4), (0, 0), (0, 0)), *HW)
    conv(m, x, padding=padding)
    return m.build()


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_pads_in_a_row_become_explicit_padding(padding: str) -> None:
    _, op = only_op(fold_pads, pads_in_a_row(padding))
    assert op.options.padding == {
        # SAME adds nothing before the 2 rows, 1 column before the 3 columns, and the rest after
        "SAME": ExplicitPadding((2, 6), (1, 4)),
        "VALID": ExplicitPadding((2, 5), (0, 3)),
    }[padding]  # fmt: skip


def strided_pad() -> bytes:
    m, x = image()
    w = m.tensor((1, 1, 1, 2), scale=0.02, data=[3, -5])
    y = m.tensor((1, 1, 1, 1), scale=0.05)
    m.op("CONV_2D", [pad(m, x, *HW), w], [y], padding="VALID", stride_h=7, stride_w=9)
    return m.build()


def test_unused_trailing_padding_is_forgotten() -> None:
    _, op = only_op(fold_pads, strided_pad())
    assert op.options.padding == ExplicitPadding((2, 0), (0, 0))


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
        op(m, "AVERAGE_POOL_2D", y, **POOL)
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


def clamps_in_a_row() -> bytes:
    m, x = image()
    y = conv(m, x, "RELU6")
    y = op(m, "MAXIMUM", op(m, "RELU", op(m, "MINIMUM", y, number(m, y, 60))), number(m, y, -7))
    op(m, "QUANTIZE", op(m, "RELU6", y))
    return m.build()


def test_clamps_in_a_row_become_limits() -> None:
    graph, op = only_op(fuse_clamps, clamps_in_a_row())
    assert graph.output(op).limits == (-7, 60) and op.index == 0
    assert activation_range(Activation.RELU6, graph.output(op)) == (-7, 60)


def opposing_clamps(last: str) -> bytes:
    m, x = image()
    y = conv(m, x, "RELU6")  # -20 to 100
    y = op(m, "MINIMUM", y, number(m, y, -50))
    if last:
        op(m, last, y)
    return m.build()


@pytest.mark.parametrize(("last", "value"), [("", -50), ("RELU", -20), ("RELU6", -20)])
def test_the_last_of_two_clamps_has_the_last_word(last: str, value: int) -> None:
    graph, op = only_op(fuse_clamps, opposing_clamps(last))
    assert activation_range(Activation.RELU6, graph.output(op)) == (value, value)


def clamped(code: str) -> bytes:
    m, x = image()
    if "POOL" in code:
        op(m, "RELU", op(m, code, x, **POOL))
    elif code == "FULLY_CONNECTED":
        y = m.tensor((20, 5), scale=0.1, zero_point=3)
        m.op(code, [x, m.tensor((5, 2), scale=0.1, data=np.arange(10) - 5)], [y])
        op(m, "RELU6", y)
    else:
        op(m, "RELU", op(m, code, x, m.tensor(x.shape, scale=0.07, zero_point=9)))
    return m.build()


CLAMPING = ("ADD", "SUB", "MUL", "AVERAGE_POOL_2D", "MAX_POOL_2D", "FULLY_CONNECTED")


@pytest.mark.parametrize("code", CLAMPING)
def test_all_ops_with_a_fused_activation_clamp(code: str) -> None:
    _, op = only_op(fuse_clamps, clamped(code))
    assert op.code == code


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
    [
        *("no activation", "scale", "zero point", "no clamp", "numbers", "shape", "reader"),
        *("twice", "output"),
    ],
)
def test_clamps_that_stay(kind: str) -> None:
    graph = load(build_clamps(kind))
    assert fuse_clamps(graph) is graph


def lookups_in_a_row() -> bytes:
    m, x = image()
    y = m.tensor(x.shape, scale=1 / 256, zero_point=-128)
    m.op("LOGISTIC", [op(m, "MUL", op(m, "RELU", x), number(m, x, 9))], [y])
    op(m, "SUB", y, m.tensor((), scale=0.5, data=[-1]))
    return m.build()


def test_lookups_in_a_row_become_one_table() -> None:
    graph, op = only_op(fuse_lookups, lookups_in_a_row())
    assert (op.code, op.index, op.inputs) == ("LOOKUP", 3, graph.inputs)


def build_lookups(kind: str) -> bytes:
    m, x = image()
    y = op(m, "TANH", x)
    if kind == "reader":
        op(m, "RELU", y)
        op(m, "RELU6", y)
    elif kind == "numbers":
        op(m, "ADD", y, number(m, y, 3, 4))
    elif kind == "two tensors":
        op(m, "ADD", y, m.tensor(x.shape, scale=0.1))
    elif kind == "no table":
        op(m, "MAX_POOL_2D", y, **POOL)
    elif kind == "floats":
        m.op("DEQUANTIZE", [y], [m.tensor(y.shape, "float32")])
    else:
        return m.build(outputs=[y, op(m, "RELU", y)])
    return m.build()


@pytest.mark.parametrize(
    "kind", ["reader", "numbers", "two tensors", "no table", "floats", "output"]
)
def test_lookups_that_stay(kind: str) -> None:
    graph = load(build_lookups(kind))
    assert fuse_lookups(graph) is graph


def test_unused_ops_go_and_unused_inputs_stay() -> None:
    m, x = image()
    a, b = (m.tensor((3,), scale=0.1) for _ in range(2))
    op(m, "RELU", op(m, "ADD", a, b))
    y = op(m, "TANH", x)
    op(m, "RELU", y)
    model = m.build(inputs=[a, x, b], outputs=[y])
    graph, left = only_op(drop_unused_ops, model)
    assert graph.inputs == (a.index, x.index, b.index)
    assert (left.code, left.index) == ("TANH", 2)


def test_the_small_models_compute_the_same() -> None:
    models = [
        *map(pads_in_a_row, ("SAME", "VALID")),
        *(strided_pad(), clamps_in_a_row(), lookups_in_a_row()),
        *map(opposing_clamps, ("", "RELU", "RELU6")),
        *map(clamped, CLAMPING),
    ]
    graphs = [optimize(load(model), strict=False) for model in models]
    assert all(len(graph.ops) == 1 for graph in graphs)
    assert_ops_as_tflm([(model, (graph,)) for model, graph in zip(models, graphs, strict=True)])
