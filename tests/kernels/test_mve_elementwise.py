"""Element-wise ops, pools and data movement on Cortex-M55: every kernel against the reference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.kernels import kernels_of
from fwgen.kernels.elementwise import two_operands
from fwgen.kernels.pools.channel_rows import counts, divisor
from tests.compile.kernel_selection import select
from tests.kernels import mve
from tests.kernels.on_this_machine import Case
from tests.tflite_models import ModelBuilder, random_inputs
from tests.tflite_models.tflm import load

BYTES = np.arange(-128, 128, dtype=np.int8)
EVERY_PAIR = [np.repeat(BYTES, 256), np.tile(BYTES, 256)]


def variant(code: str, name: str) -> Kernel:
    (found,) = (v for v in kernels_of(code) if v.name == name)
    return found


def pair(
    code: str,
    shape: Sequence[int],
    scales: Sequence[float],
    zero_points: Sequence[int],
    activation: str = "NONE",
) -> bytes:
    """An element-wise op without broadcasting."""
    m = ModelBuilder()
    a, b, y = (
        m.tensor(shape, scale=float(np.float32(scale)), zero_point=int(zero_point))
        for scale, zero_point in zip(scales, zero_points, strict=True)
    )
    m.op(code, [a, b], [y], fused_activation_function=activation)
    return m.build()


@pytest.mark.parametrize(
    ("code", "name"), [("ADD", "sum_s8_mve"), ("SUB", "sum_s8_mve"), ("MUL", "mul_s8_mve")]
)
def test_every_pair_of_bytes(code: str, name: str) -> None:
    rng = np.random.default_rng(3)
    cases: list[Case] = []
    while len(cases) < 12:
        scales = rng.uniform(0.01, 0.1, 3)
        scales[2] = scales[0] * scales[1] * 60 if code == "MUL" else max(scales) * 1.3
        activation = ("NONE", "RELU", "RELU6")[len(cases) % 3]
        graph = load(pair(code, (1 << 16,), scales, rng.integers(-128, 128, 3), activation))
        if variant(code, name).takes(Node(graph, graph.ops[0])):
            cases.append((graph, EVERY_PAIR))
    mve.assert_as_reference(cases, mve.named(name))


RESCALED = (
    ("ADD", "rescaled_sum_s8_mve"),
    ("SUB", "rescaled_sum_s8_mve"),
    ("SUB", "rescaled_difference_s8_mve"),
)


@pytest.mark.parametrize(("code", "name"), RESCALED)
def test_every_pair_of_bytes_at_any_scales(code: str, name: str) -> None:
    rng = np.random.default_rng(8)
    cases: list[Case] = []
    for trial in range(24):
        ratio = [1.0, 1e-12, 0.5, *2.0 ** rng.uniform(-8, 0, 3)][trial % 6]
        scales = [0.1, 0.1 * ratio, 2.0 ** rng.uniform(-9, 0.5)]
        if rng.random() < 0.5:
            scales[:2] = scales[1::-1]
        zero_points = rng.choice([-128, 127, *rng.integers(-128, 128, 2)], 3)
        activation = ("NONE", "RELU", "RELU6")[trial % 3]
        graph = load(pair(code, (1 << 16,), scales, zero_points, activation))
        if variant(code, name).takes(Node(graph, graph.ops[0])):
            cases.append((graph, EVERY_PAIR))
    assert len(cases) > 5
    mve.assert_as_reference(cases, mve.named(name))


def test_sums_and_products_of_any_scales_and_shapes_have_a_fast_kernel() -> None:
    """Scales that no fitted weights serve, and operands that are broadcast, once meant plain C."""
    rng = np.random.default_rng(9)
    shapes = [(1, 12, 12, 16), (1, 1, 1, 16), (16,), (1, 12, 12, 1), (1, 12, 1, 16), ()]
    board = load_board("corstone-300")
    for code in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM"):
        for trial in range(30):
            m = ModelBuilder()
            scales = [float(np.float32(s)) for s in 2.0 ** rng.uniform(-8, -3, 2)]
            scales.append(scales[0] * scales[1] * 60 if code == "MUL" else max(scales) * 1.3)
            if code.startswith("M") and code != "MUL":
                scales = [scales[0]] * 3
            operands = [shapes[0], shapes[trial % len(shapes)]]
            if trial % 2:
                operands.reverse()
            a, b = (
                m.tensor(shape, scale=scale, zero_point=5)
                for shape, scale in zip(operands, scales, strict=False)
            )
            y = m.tensor(shapes[0], scale=float(np.float32(scales[2])), zero_point=5)
            options = {} if code[:2] in ("MA", "MI") else {"fused_activation_function": "NONE"}
            m.op(code, [a, b], [y], **options)
            (chosen,) = select(load(m.build()), board, "speed").chosen
            assert chosen.row.provider == "fwgen", (code, operands)
            assert chosen.cycles < 16.0 * 12 * 12 * 16, (code, operands)


def test_sums_that_leave_32_bits_are_left_to_the_reference() -> None:
    for output_scale, holds in ((0.5, True), (0.15, False), (1e-6, False)):
        graph = load(pair("ADD", (4,), (0.5, 0.25, output_scale), (1, 2, 3)))
        assert variant("ADD", "sum_s8_mve").holds(Node(graph, graph.ops[0])) == holds


def test_an_offset_is_found_exactly_where_there_is_one() -> None:
    unit = two_operands.UNIT
    raw = np.array([0, unit, 3 * unit])
    for shift, expected in ((0, [5, 6, 8]), (1, [4, 6, 8]), (unit - 1, [4, 6, 8])):
        offset = two_operands.offset_between(raw - np.array([shift, 0, 0]), np.array(expected))
        assert offset is not None
        moved = raw - np.array([shift, 0, 0]) + offset
        assert (moved // unit == expected).all()
    assert two_operands.offset_between(raw, np.array([5, 7, 8])) is None
    saturated = two_operands.offset_between(raw, np.array([127, 127, 127]))
    assert saturated is not None and saturated >= 127 * unit


def pool(
    code: str, h: int, w: int, c: int, kernel: tuple[int, int], padding: str = "VALID"
) -> bytes:
    m = ModelBuilder()
    x = m.tensor((1, h, w, c), scale=0.1, zero_point=3)
    sizes = (1, 1) if padding == "VALID" else (h, w)
    y = m.tensor((1, *sizes, c), scale=0.1, zero_point=3)
    m.op(
        code,
        [x],
        [y],
        padding=padding,
        stride_h=1,
        stride_w=1,
        filter_height=kernel[0],
        filter_width=kernel[1],
        fused_activation_function="NONE",
    )
    return m.build()


def test_averages_of_every_number_of_values() -> None:
    rng = np.random.default_rng(4)
    cases: list[Case] = []
    for count in range(1, 257):
        model = pool("AVERAGE_POOL_2D", count, 1, 19, (count, 1))
        x = rng.integers(-128, 128, (1, count, 1, 19)).astype(np.int8)
        x[..., 0], x[..., 1] = -128, 127
        x[..., 2:6] = rng.choice([-1, 0, 1], (1, count, 1, 4))  # halves, above and below 0
        x[0, :, 0, 6] = [-128] * (count // 2) + [127] * (count - count // 2)
        cases.append((load(model), [x]))
    mve.assert_as_reference(cases, mve.named("average_pool_2d_s8_mve"))


def test_divisors_divide_every_sum() -> None:
    for count in range(1, 257):
        multiplier, shift = divisor(count)
        n = np.arange((1 << 15) + count // 2 + 1, dtype=np.int64)
        assert (((n * multiplier + (1 << 15)) >> 16 + shift) == n // count).all()
        assert 0 <= multiplier < 1 << 16 and 0 <= shift < 16


def test_counts_of_windows_at_the_border() -> None:
    graph = load(pool("AVERAGE_POOL_2D", 5, 9, 4, (3, 4), "SAME"))
    assert counts(Node(graph, graph.ops[0])) == (2 * 2, 3 * 4)
    graph = load(pool("AVERAGE_POOL_2D", 17, 16, 4, (17, 16)))
    assert not variant("AVERAGE_POOL_2D", "average_pool_2d_s8_mve").holds(Node(graph, graph.ops[0]))


IMAGE = (1, 32, 32, 16)
SCALES, ZERO_POINTS = (0.04, 0.1, 0.05), (-128, 4, -128)


def mean_model() -> bytes:
    m = ModelBuilder()
    x = m.tensor((1, 20, 20, 32), scale=0.1, zero_point=-3)
    y = m.tensor((1, 32), scale=0.05, zero_point=5)
    axes = m.tensor((2,), "int32", data=[1, 2])
    m.op("MEAN", [x, axes], [y], keep_dims=False)
    return m.build()


def pad_model() -> bytes:
    m = ModelBuilder()
    x = m.tensor((1, 24, 24, 16), scale=0.1, zero_point=-3)
    y = m.tensor((1, 26, 26, 16), scale=0.1, zero_point=-3)
    table = m.tensor((4, 2), "int32", data=[[0, 0], [1, 1], [1, 1], [0, 0]])
    m.op("PAD", [x, table], [y])
    return m.build()


def logistic_model() -> bytes:
    m = ModelBuilder()
    x = m.tensor((1, 1000), scale=0.1, zero_point=-3)
    y = m.tensor((1, 1000), scale=1 / 256, zero_point=-128)
    m.op("LOGISTIC", [x], [y])
    return m.build()


def softmax_model() -> bytes:
    m = ModelBuilder()
    x = m.tensor((10, 100), scale=0.05, zero_point=-3)
    y = m.tensor((10, 100), scale=1 / 256, zero_point=-128)
    m.op("SOFTMAX", [x], [y], beta=1.0)
    return m.build()


def broadcast_model(code: str, shape: Sequence[int]) -> bytes:
    """An op of an image and a smaller operand."""
    m = ModelBuilder()
    a = m.tensor(IMAGE, scale=0.1, zero_point=-3)
    b = m.tensor(shape, scale=0.03, zero_point=7)
    y = m.tensor(IMAGE, scale=0.1, zero_point=5)
    m.op(code, [a, b], [y], fused_activation_function="NONE")
    return m.build()


GATES = (
    ("ADD", "sum_s8_mve", pair("ADD", IMAGE, SCALES, ZERO_POINTS), 29732),
    (
        "SUB",
        "rescaled_difference_s8_mve",
        pair("SUB", IMAGE, (0.1, 0.04, 0.05), ZERO_POINTS),
        59432,
    ),
    ("ADD", "rescaled_sum_s8_mve", broadcast_model("ADD", (1, 1, 1, 16)), 138364),
    ("MUL", "mul_s8_mve", broadcast_model("MUL", (1, 32, 32, 1)), 145536),
    ("MUL", "mul_s8_mve", pair("MUL", IMAGE, (0.01, 0.02, 0.1), ZERO_POINTS), 46127),
    (
        "AVERAGE_POOL_2D",
        "average_pool_2d_s8_mve",
        pool("AVERAGE_POOL_2D", 25, 5, 64, (25, 5)),
        3289,
    ),
    ("MAX_POOL_2D", "max_pool_2d_s8_mve", pool("MAX_POOL_2D", 24, 24, 32, (2, 2), "SAME"), 71468),
    ("MEAN", "mean_s8_mve", mean_model(), 16295),
    ("PAD", "strided_copy_mve", pad_model(), 3760),
    ("LOGISTIC", "lookup_s8_mve", logistic_model(), 272),
    ("SOFTMAX", "softmax_s8_mve", softmax_model(), 6422),
    ("SOFTMAX", "softmax_computed_s8", softmax_model(), 427529),
)
"""Op, kernel, model, and instructions of the kernel when it was written."""


@cache
def gated() -> list[tuple[int, float]]:
    """Instructions and estimated cost of each gate."""
    found = []
    for code, name, model, _ in GATES:
        graph = load(model)
        inputs = random_inputs(model, np.random.default_rng(0))
        (result,) = mve.run([(graph, inputs)], mve.named(name))
        found.append(
            (result.instructions, variant(code, name).forms(Node(graph, graph.ops[0]))[0].cycles)
        )
    return found


def test_instruction_counts_do_not_grow() -> None:
    for (_, name, _, most), (instructions, _) in zip(GATES, gated(), strict=True):
        assert instructions <= 1.03 * most, f"{name} takes {instructions}"


def test_costs_follow_what_is_executed() -> None:
    for (code, name, _, _), (instructions, cost) in zip(GATES, gated(), strict=True):
        gather = 5.0 if code == "LOGISTIC" else 1.3  # one instruction, 16 cycles
        assert 0.75 < cost / instructions < gather, f"{name}: {cost} for {instructions}"
