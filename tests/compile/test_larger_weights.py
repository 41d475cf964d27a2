"""What speed costs in flash is said, with what it is worth; what costs none says nothing."""

from __future__ import annotations

import numpy as np

from fwgen.board import load_board
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.model.graph import Graph
from fwgen.pipeline import compile_graph
from fwgen.project.description import description
from fwgen.report.speed import speed
from tests.tflite_models.hand_made import convolution
from tests.tflite_models.tflm import load

M4, M55 = map(load_board, ("mps2-an386", "corstone-300"))


def square() -> Graph:
    """A convolution of 3 x 3 and 64 channels, which transformed tiles suit on a Cortex-M4."""
    weights = np.random.default_rng(0).integers(-127, 128, (64, 3, 3, 64))
    model = convolution(
        (1, 12, 12, 64),
        weights.astype(np.int8),
        (1, 12, 12, 64),
        scales=(0.05, 0.01, 9.0),
        zero_points=(0, 0),
        dtype="int8",
        padding="SAME",
    )
    return load(model)


def test_flash_that_speed_costs_is_said_with_the_cycles_that_it_saves() -> None:
    fast, small = (compile_graph(square(), Request(M4, goal=goal)) for goal in ("speed", "size"))
    paid = fast.speed.paid
    assert paid is not None and paid.ops == 1
    assert paid.flash_bytes == fast.weights_bytes - small.weights_bytes
    assert paid.flash_bytes > 2 * small.weights_bytes
    assert fast.expected_cycles + paid.cycles <= small.expected_cycles
    said = speed(description(fast))
    assert f"{paid.flash_bytes:,} more bytes of flash" in said
    assert f"{paid.cycles:,} cycles less" in said


def said_nothing(program: Program) -> bool:
    result = description(program)
    return result["paid_for_speed"] is None and "paid" not in speed(result)


def test_size_and_cores_without_such_kernels_pay_nothing() -> None:
    assert said_nothing(compile_graph(square(), Request(M4, goal="size")))
    assert said_nothing(compile_graph(square(), Request(M55, goal="speed")))


def test_a_slowdown_that_is_allowed_leaves_the_flash() -> None:
    assert said_nothing(compile_graph(square(), Request(M4, slowdown=3.0)))
