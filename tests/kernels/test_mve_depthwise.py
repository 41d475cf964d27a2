"""DEPTHWISE_CONV_2D on Cortex-M55: every kernel against the reference; instruction counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from fwgen.board import load_board
from fwgen.compile.macs import macs
from fwgen.compile.select.candidates import candidates_of
from fwgen.compile.select.kernel_search import choose
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.kernels import kernels_of
from fwgen.kernels.depthwise.dot_products import ALIGNED, LARGEST_BIAS, folded, records, short
from fwgen.kernels.depthwise.planes import BACK, FRONT, PlanesPlan, PlanesWindow, table, window_of
from fwgen.kernels.depthwise.planes_of_image import flat_plans
from fwgen.kernels.depthwise.planes_of_rings import dense_rings, stride2_rings
from fwgen.kernels.depthwise.planes_of_rows import (
    rows_c8_plans,
    rows_plans,
    single_plans,
    wide_plans,
)
from fwgen.kernels.depthwise.tap_pairs import pairs_of
from fwgen.kernels.providers import providers_of
from fwgen.model.graph import Graph
from tests.kernels import mve
from tests.tflite_models import ModelBuilder, random_inputs
from tests.tflite_models.tflm import load

FLAT, FLAT_ANY = "depthwise_flat_s8_mve", "depthwise_flat_any_s8_mve"
ROWS, ROWS_C8 = "depthwise_rows_s8_mve", "depthwise_rows_c8_s8_mve"
STRIDE2, PAIRS = "depthwise_rows_stride2_s8_mve", "depthwise_pairs_s8_mve"
MULTIPLE = "depthwise_multiple_s8_mve"
RING, RING2 = "depthwise_rows_ring_s8_mve", "depthwise_rows_ring_stride2_s8_mve"
SINGLE = "depthwise_rows_single_s8_mve"
CLAMPED, RING_CLAMPED = "depthwise_rows_clamped_s8_mve", "depthwise_rows_ring_clamped_s8_mve"

Shape = dict[str, int | str | tuple[int, int]]


def variant(name: str) -> Kernel:
    (found,) = (v for v in kernels_of("DEPTHWISE_CONV_2D") if v.name == name)
    return found


def model(
    rng: np.random.Generator,
    h: int,
    w: int,
    c: int,
    kh: int,
    kw: int,
    *,
    padding: str = "SAME",
    stride_h: int = 1,
    stride_w: int = 1,
    dilation: int = 1,
    batches: int = 1,
    zero_points: tuple[int, int] = (-128, -128),
    activation: str = "RELU",
    weights: str = "random",
    bias: bool = True,
    multiplier: int = 1,
) -> bytes:
    """One depthwise convolution whose outputs use most of int8, in places beyond."""
    m = ModelBuilder()
    x = m.tensor((batches, h, w, c), scale=0.05, zero_point=zero_points[0])
    c *= multiplier
    shape = (1, kh, kw, c)
    data = {
        "random": rng.integers(-127, 128, shape),
        "least": np.full(shape, -128),
        "largest": np.full(shape, 127),
        "sparse": rng.integers(-128, 128, shape) * (rng.random(shape) < 0.2),
    }[weights].astype(np.int8)
    scales = [float(np.float32(s)) for s in 2.0 ** rng.uniform(-12, -4, c)]
    if c > 1 and rng.random() < 0.1:
        scales[0] = 1e-13  # flushed to 0
    k = m.tensor(shape, scale=scales, axis=3, data=data)
    values = rng.integers(-(1 << 18), 1 << 18, c) >> int(rng.integers(0, 16))
    b = m.tensor((c,), "int32", scale=scales, axis=0, data=values.astype(np.int32))
    if padding == "SAME":
        sizes = (-(-h // stride_h), -(-w // stride_w))
    else:
        spans = ((kh - 1) * dilation + 1, (kw - 1) * dilation + 1)
        sizes = ((h - spans[0]) // stride_h + 1, (w - spans[1]) // stride_w + 1)
    scale = float(np.float32(max(scales) * 0.05 * kh * kw * 2.0 ** rng.uniform(1.1, 6)))
    y = m.tensor((batches, *sizes, c), scale=scale, zero_point=zero_points[1])
    m.op(
        "DEPTHWISE_CONV_2D",
        [x, k, b] if bias else [x, k],
        [y],
        padding=padding,
        stride_h=stride_h,
        stride_w=stride_w,
        depth_multiplier=multiplier,
        fused_activation_function=activation,
        dilation_h_factor=dilation,
        dilation_w_factor=dilation,
    )
    return m.build()


_AT_4: Shape = {"zero_points": (-5, 4), "activation": "RELU6"}
"""Outputs with a clamp at a zero point of 4."""

GATES = (
    (FLAT, {"h": 25, "w": 5, "c": 64, "kh": 3, "kw": 3}, 50057),
    (FLAT_ANY, {"h": 28, "w": 1, "c": 128, "kh": 5, "kw": 1, "padding": "VALID"}, 19365),
    (ROWS, {"h": 24, "w": 24, "c": 32, "kh": 3, "kw": 3}, 99856),
    (ROWS, {"h": 6, "w": 6, "c": 106, "kh": 3, "kw": 3}, 28668),
    (ROWS_C8, {"h": 48, "w": 48, "c": 8, "kh": 3, "kw": 3}, 110739),
    (STRIDE2, {"h": 48, "w": 48, "c": 16, "kh": 3, "kw": 3, "stride_h": 2, "stride_w": 2}, 97111),
    (RING, {"h": 24, "w": 24, "c": 32, "kh": 3, "kw": 3}, 97229),
    (RING, {"h": 48, "w": 48, "c": 8, "kh": 3, "kw": 3}, 103355),
    (RING2, {"h": 48, "w": 48, "c": 16, "kh": 3, "kw": 3, "stride_h": 2, "stride_w": 2}, 64410),
    (RING2, {"h": 13, "w": 13, "c": 30, "kh": 3, "kw": 3, "stride_h": 2, "stride_w": 2}, 18769),
    (CLAMPED, {"h": 7, "w": 7, "c": 96, "kh": 3, "kw": 3, **_AT_4}, 37290),
    (RING_CLAMPED, {"h": 56, "w": 56, "c": 32, "kh": 3, "kw": 3, **_AT_4}, 498029),
    (SINGLE, {"h": 3, "w": 58, "c": 32, "kh": 3, "kw": 3, "padding": "VALID"}, 12658),
    (PAIRS, {"h": 15, "w": 1, "c": 128, "kh": 15, "kw": 1, "padding": "VALID"}, 3569),
    (PAIRS, {"h": 16, "w": 16, "c": 32, "kh": 5, "kw": 5}, 184189),
    (MULTIPLE, {"h": 16, "w": 16, "c": 8, "kh": 3, "kw": 3, "multiplier": 4}, 89708),
    ("conv_2d_s8_mve", {"h": 30, "w": 30, "c": 1, "kh": 5, "kw": 5, "multiplier": 8}, 63450),
)
"""Kernel, shape, and instructions when it was written."""


@cache
def gated() -> list[tuple[Graph, int, float]]:
    """Graph, instructions and estimated cost of each gate."""
    found = []
    for name, shape, _ in GATES:
        rng = np.random.default_rng(0)
        data = model(rng, **shape)  # type: ignore[arg-type]
        graph = load(data)
        (result,) = mve.run([(graph, random_inputs(data, rng))], mve.named(name))
        found.append(
            (graph, result.instructions, variant(name).forms(Node(graph, graph.ops[0]))[0].cycles)
        )
    return found


def test_instruction_counts_do_not_grow() -> None:
    for (name, shape, most), (_, instructions, _) in zip(GATES, gated(), strict=True):
        assert instructions <= 1.03 * most, f"{name} of {shape} takes {instructions}"


def test_costs_follow_what_is_executed() -> None:
    for (name, shape, _), (_, instructions, cost) in zip(GATES, gated(), strict=True):
        assert 0.95 < cost / instructions < 1.3, f"{name} of {shape}: {cost} for {instructions}"


def test_channels_with_several_outputs_have_a_fast_kernel() -> None:
    """They once fell to plain C, some 50 times slower."""
    rng = np.random.default_rng(7)
    for board, most in (("corstone-300", 3.0), ("mps2-an386", 40.0)):
        providers = providers_of("auto", cmsis_nn=True)
        for _ in range(20):
            shape: Shape = {
                "h": int(rng.integers(8, 40)), "w": int(rng.integers(8, 40)),
                "c": int(rng.choice([1, 1, 3, 8])), "multiplier": int(rng.choice([2, 4, 8, 16])),
                "kh": int(rng.choice([3, 5])), "kw": 3, "stride_h": int(rng.choice([1, 2])),
            }  # fmt: skip
            if board != "corstone-300":
                shape |= {"c": 1, "multiplier": int(rng.choice([8, 16]))}
            graph = load(model(rng, **shape))  # type: ignore[arg-type]
            (chosen,) = choose(candidates_of(graph, load_board(board), providers), "speed").chosen
            assert chosen.row.provider != "reference", shape
            assert chosen.cycles < most * macs(graph)[0] + 5000, shape


def first(data: bytes) -> Node:
    graph = load(data)
    return Node(graph, graph.ops[0])


def test_tables_have_every_output_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    plans: list[tuple[Callable[[PlanesWindow], Sequence[PlanesPlan]], Shape]] = [
        (flat_plans, {"h": 25, "w": 5, "c": 64, "kh": 3, "kw": 3}),
        (flat_plans, {"h": 3, "w": 1, "c": 5, "kh": 3, "kw": 3}),
        (rows_plans, {"h": 6, "w": 6, "c": 128, "kh": 3, "kw": 3}),
        (rows_plans, {"h": 7, "w": 50, "c": 12, "kh": 2, "kw": 4}),
        (rows_plans, {"h": 1, "w": 3, "c": 7, "kh": 3, "kw": 3}),
        (wide_plans, {"h": 12, "w": 12, "c": 16, "kh": 3, "kw": 3, "stride_h": 2, "stride_w": 2}),
    ]
    for make, shape in plans:
        window = window_of(first(model(rng, **shape)))  # type: ignore[arg-type]
        assert window is not None
        found = make(window)
        assert found
        for plan in found:
            rows, step = plan.table[:, 1:].astype(int), window.step
            pixels = set((rows.reshape(-1) // step).tolist())
            strip_h, strip_w = plan.strip
            row = strip_w if window.channels % 4 else window.output[1]
            rows_of_strip = range(strip_h - 1, strip_h) if window.output[0] == 1 else range(strip_h)
            assert pixels == {i * row + j for i in rows_of_strip for j in range(strip_w)}


def test_rounds_read_no_memory_before_the_scratch() -> None:
    """An image of 3 x 3 outputs with stride 2 once began 24 bytes before the planes."""
    rng = np.random.default_rng(6)
    for _ in range(300):
        h, w, kh, kw = (int(n) for n in rng.integers(1, (9, 9, 4, 4)))
        stride = int(rng.integers(1, 3))
        shape: Shape = {"h": h, "w": w, "c": 16, "kh": kh, "kw": kw}
        window = window_of(first(model(rng, **shape, stride_h=stride, stride_w=stride)))  # type: ignore[arg-type]
        assert window is not None
        for make, word, reach in (
            (flat_plans, 4, 7),
            (rows_plans, 4, 3 * 4),
            (rows_c8_plans, 4, 3 * 4),
            (wide_plans, 4, 7 * 8),
            (single_plans, 4, 7 * 4),
            (dense_rings, 4, 8),
            (stride2_rings, 4, 7 * 8),
        ):
            for plan in make(window):  # type: ignore[operator]
                starts = plan.table[:, 0].astype(np.int16)
                plane = word * dict(plan.members())["words"]
                assert starts.min() >= -FRONT
                # the last lane of a round is the last window, 16 bytes
                assert starts.max() + reach + 16 <= plane + BACK


def test_rounds_of_rings_leave_each_output_from_its_own_patch() -> None:
    """Also of odd widths, and where the last two pairs of rows give one row."""
    rng = np.random.default_rng(8)
    for h, w, c in ((4, 8, 16), (5, 7, 4), (7, 1, 16), (6, 2, 3), (9, 30, 8)):
        window = window_of(first(model(rng, h=h, w=w, c=c, kh=3, kw=3)))
        assert window is not None
        (plan,) = dense_rings(window)
        row = w * window.step
        parts = plan.table[: plan.rounds], plan.table[len(plan.table) - plan.rounds :]
        for part, rows in zip(parts, (2, 1 if h % 2 else 2), strict=True):
            memory = {}
            for start, *offsets in part.astype(np.int16).tolist():
                for lane, offset in enumerate(offsets):
                    # stored in ascending order: the lower row, then the upper one
                    memory[offset] = (1 - lane // 4, start // 4 + (1, 0, 3, 2)[lane % 4])
            assert memory == {
                y * row + x * window.step: (y, x) for y in range(rows) for x in range(w)
            }


def test_channels_of_one_output_need_no_long_bias() -> None:
    """One of MLPerf Tiny's vww has a bias of 99 million, and is -105 for every input."""
    m = ModelBuilder()
    x = m.tensor((1, 6, 6, 4), scale=0.05, zero_point=-128)
    scales = [0.01, 0.01, 2e-8, 0.01]
    weights = np.random.default_rng(9).integers(-127, 128, (1, 3, 3, 4)).astype(np.int8)
    w = m.tensor((1, 3, 3, 4), scale=scales, axis=3, data=weights)
    bias = np.array([5, -7, 99_000_000, 0], np.int32)
    b = m.tensor((4,), "int32", scale=scales, axis=0, data=bias)
    y = m.tensor((1, 6, 6, 4), scale=0.05, zero_point=-128)
    m.op(
        "DEPTHWISE_CONV_2D",
        [x, w, b],
        [y],
        padding="SAME",
        stride_h=1,
        stride_w=1,
        depth_multiplier=1,
        fused_activation_function="RELU",
        dilation_h_factor=1,
        dilation_w_factor=1,
    )
    node = first(m.build())
    taps, (biases, _, _) = short(node)
    assert np.abs(folded(node)[0]).max() > LARGEST_BIAS >= np.abs(biases).max()
    assert not taps[..., 2].any() and (taps[..., 3] == weights[..., 3]).all()
    assert variant(ROWS).takes(node)


def test_lanes_without_output_are_overwritten() -> None:
    outputs = {0: 0, 1: 7, 5: 14, 6: 21, 9: 28}
    lanes = ((0, 2, 4, 6), (1, 3, 5, 7))
    rounds = table(outputs, outputs, lanes)
    assert rounds is not None
    memory: dict[int, int] = {}
    for start, *offsets in rounds.astype(np.int16).tolist():
        for lane, offset in zip((*lanes[0], *lanes[1]), offsets, strict=True):
            memory[offset] = start + lane
    assert memory == {offset: position for position, offset in outputs.items()}
    assert table({0: 0, 8: 1 << 16}, {0: 0, 8: 1 << 16}, lanes) is None


def test_records_have_places_weights_and_words_of_four_channels() -> None:
    rng = np.random.default_rng(4)
    node = first(model(rng, h=5, w=5, c=6, kh=3, kw=3))
    packed = records(node, np.array([[0, 4, 8], [1, 5, 9], [2, 6, 10]]))
    assert len(packed) == 64 + 2 * 4 * 8
    assert packed[:9].tolist() == [0, 4, 8, 1, 5, 9, 2, 6, 10]
    assert packed[9:63].tobytes() == node.w.constant.tobytes() and packed[63] == 0
    words = packed[64:].view("<i4").reshape(2, 2, 4).swapaxes(0, 1).reshape(2, 8)
    bias, multiplier, shift = folded(node)
    assert (words[0, :6] >> 6 == bias).all() and (words[0, :6] & 63 == shift % 64).all()
    assert (words[1, :6] == multiplier).all() and not words[:, 6:].any()
    small = records(first(model(rng, h=5, w=5, c=1, kh=1, kw=1)), np.array([[0]]))
    assert len(small) == ALIGNED


def test_pairs_never_have_two_weights_of_the_least_value() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        taps, channels = int(rng.integers(1, 20)), int(rng.integers(1, 5))
        weights = rng.choice([-128, -127, 0, 127], (taps, channels)).astype(np.int8)
        pairs = pairs_of(weights)
        used = [tap for pair in pairs for tap in pair if tap is not None]
        assert sorted(used) == list(range(taps))
        for a, b in pairs:
            assert b is None or not ((weights[a] == -128) & (weights[b] == -128)).any()
    assert len(pairs_of(np.ones((9, 3), np.int8))) == 5
