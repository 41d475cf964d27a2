"""A build says which ops are left to plain C, what they cost, and why nothing faster is taken."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from fwgen import GOALS
from fwgen.board import load_board
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.kernels.providers import providers_of
from fwgen.model.graph import Graph
from fwgen.pipeline import compile_graph
from fwgen.project.description import description
from fwgen.report.layout import read_layout
from fwgen.report.page import arena_table
from fwgen.report.speed import speed
from fwgen.source import read
from tests.conftest import OWN_MODELS
from tests.tflite_models import ModelBuilder
from tests.tflite_models.hand_made import convolution
from tests.tflite_models.tflm import load

M55, M4, M0 = map(load_board, ("corstone-300", "mps2-an386", "microbit"))
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


def in_groups(groups: int, scale: float = 0.01, dtype: str = "int8") -> Graph:
    """A convolution of 8 channels, which vectors compute of int16 for scales below 1 only."""
    weights = np.random.default_rng(0).integers(-127, 128, (8, 3, 3, 8 // groups))
    model = convolution(
        (1, 12, 12, 8),
        weights.astype(np.int8),
        (1, 12, 12, 8),
        scales=(0.05, scale, 0.3),
        zero_points=(0, 0),
        dtype=dtype,
        padding="SAME",
    )
    return load(model)


def said(program: Program) -> str:
    return speed(description(program))


def test_an_op_that_no_kernel_takes_is_named_with_its_share_and_why() -> None:
    program = compile_graph(in_groups(2, scale=9.0, dtype="int16"), Request(M55))
    (slow,) = program.speed.slow
    assert (slow.index, slow.code, slow.share) == (0, "CONV_2D", 1.0)
    assert "takes its shapes and scales" in slow.why
    assert "op 0 CONV_2D: plain C (conv_2d_s16), 100% of the time" in said(program)
    (entry,) = description(program)["slow_ops"]
    assert entry["index"] == 0 and entry["share"] == 1.0 and entry["why"] == slow.why


def test_an_op_of_other_types_than_the_kernels_is_told_so() -> None:
    m = ModelBuilder()
    x = m.tensor((4, 64), "int16", scale=0.05)
    m.op("SOFTMAX", [x], [m.tensor((4, 64), "int16", scale=1 / 32768)], beta=1.0)
    (slow,) = compile_graph(load(m.build()), Request(M55)).speed.slow
    assert "take other element types than int16" in slow.why


def test_nothing_is_said_where_kernels_are_fast() -> None:
    for model in (in_groups(1), in_groups(2), in_groups(1, scale=9.0), read(DIGITS).graph):
        program = compile_graph(model, Request(M55, goal="speed"))
        assert not program.speed.slow
        assert "0.0% more" in said(program) and "slow" not in said(program)


def test_an_op_with_plain_c_only_says_what_the_library_would_bring() -> None:
    graph = in_groups(1, dtype="int16")
    program = compile_graph(graph, Request(M0))
    assert program.speed.library == "cmsis-nn"
    assert 1.5 * program.speed.known_cycles < program.fastest_cycles
    assert "op 0 CONV_2D: plain C" in said(program) and "CMSIS_NN_ROOT" in said(program)
    assert "0.0% more" not in said(program)
    report = arena_table(read_layout(description(program), ""))
    assert re.search(r"speed .* what the fastest kernels would take", report)
    with_it = compile_graph(graph, Request(M0, providers=providers_of("auto", cmsis_nn=True)))
    assert with_it.speed.library is None
    assert with_it.fastest_cycles == pytest.approx(program.speed.known_cycles, rel=0.01)


def test_kernels_that_were_not_asked_for_are_compared_with() -> None:
    program = compile_graph(
        read(DIGITS).graph, Request(M55, providers=providers_of("reference", False))
    )
    assert program.speed.library == "fwgen"
    assert "--kernels auto" in said(program) and "times what the fastest" in said(program)


def test_an_op_in_a_cascade_is_named_as_well(tmp_path: Path) -> None:
    rng, m = np.random.default_rng(0), ModelBuilder()
    x = m.tensor((1, 40, 40, 4), scale=0.5, zero_point=0)
    for _ in range(3):
        w = m.tensor((4, 3, 3, 2), scale=0.5, data=rng.integers(-9, 9, (4, 3, 3, 2)))
        y = m.tensor((1, 40, 40, 4), scale=0.5, zero_point=0)
        steps = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
        m.op("CONV_2D", [x, w], [y], fused_activation_function="NONE", **steps)
        x = y
    for goal in GOALS:
        program = compile_graph(load(m.build()), Request(M4, goal=goal))
        assert [op.code for op in program.speed.slow] == ["CONV_2D"] * 3, goal
        assert {op.index for op in program.speed.slow} == {0, 1, 2}
