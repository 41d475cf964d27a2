"""Outputs over dying inputs: what a variant permits is safe, and nothing less is."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.plan import plan
from fwgen.ops.parts import overlap
from tests.compile.kernel_selection import select
from tests.tflite_models import ModelBuilder
from tests.tflite_models.tflm import load


def depthwise_chain(rng: np.random.Generator) -> bytes:
    """Depthwise convolutions one after the other, of channels in several blocks."""
    m = ModelBuilder()
    h, w, c = (int(n) for n in rng.integers((8, 8, 17), (20, 20, 60)))
    x = m.tensor((1, h, w, c), scale=0.05, zero_point=-128)
    for _ in range(3):
        scales = [0.01] * c
        k = m.tensor((1, 3, 3, c), scale=scales, axis=3, data=rng.integers(-127, 128, (1, 3, 3, c)))
        y = m.tensor((1, h, w, c), scale=0.05, zero_point=-128)
        options = {"padding": "SAME", "stride_h": 1, "stride_w": 1, "depth_multiplier": 1}
        m.op("DEPTHWISE_CONV_2D", [x, k], [y], **options)
        x = y
    return m.build()


def test_plans_keep_to_whole_pixels_and_leave_room_to_read_after_inputs() -> None:
    rng = np.random.default_rng(8)
    board = load_board("corstone-300")
    overlapped = 0
    for _ in range(12):
        graph = load(depthwise_chain(rng))
        selection = select(graph, board, "ram")
        arena = plan(graph, selection)
        for op, chosen in zip(graph.ops, selection.chosen, strict=True):
            x, y = graph.input(op), graph.output(op)
            at, to = arena.offset_of[x.index], arena.offset_of[y.index]
            assert at + x.bytes + chosen.form.reads_past_bytes <= arena.arena_bytes
            if at < to + y.bytes and to < at + x.bytes:
                overlapped += 1
                assert (at - to) % chosen.form.step_bytes == 0
    assert overlapped > 12


@pytest.mark.parametrize("seed", range(20))
def test_the_distance_of_a_nest_is_that_of_all_its_steps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(50):
        sizes = rng.integers(1, 5, rng.integers(1, 5))
        axes = [(rng.integers(-9, 99, n), rng.integers(-9, 99, n)) for n in sizes]
        reads, writes = (
            sum(np.ix_(*(axis[side] for axis in axes)), np.zeros(sizes, np.int64)).reshape(-1)
            for side in range(2)
        )
        assert overlap.nested_distance(*axes) == overlap.distance(reads, writes)
