"""Every operator of the registry: bit for bit as TFLM, folded as the kernels compute.

What is tried of an operator comes from its ``CASES``; which operators there are, from the registry.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from fwgen.contract.node import Node
from fwgen.kernels import kernels_of
from fwgen.model.element import Types, agree
from fwgen.ops import operators
from tests.kernels import on_this_machine as kernels
from tests.ops.drawn import (
    CODES,
    UNFED,
    Operand,
    accepted,
    assert_exact,
    drawn,
    op_graph,
    outcomes,
    tflm_output,
    types_of,
    with_scales,
)
from tests.tflite_models import OPERATORS, ModelBuilder
from tests.tflite_models.cases import Quantized, Run, cases_of
from tests.tflite_models.draw import Draw

RANDOM_MODELS = 300
MODELS_PER_TYPE = 40

BYTES = np.arange(-128, 128).astype(np.int8)


def test_every_operator_has_cases_and_all_cases_have_an_operator() -> None:
    assert set(OPERATORS) == set(CODES)


# What ops compute


@pytest.mark.parametrize("code", CODES)
def test_random_models(code: str) -> None:
    assert_exact(outcomes(list(drawn(code, None, range(RANDOM_MODELS)))))


@pytest.mark.parametrize("code", CODES)
def test_every_type(code: str) -> None:
    """Every element type that an operator states for what it is appended to.

    Some of the models have each list of types that it states for all operands.
    """
    seeds = range(RANDOM_MODELS, RANDOM_MODELS + MODELS_PER_TYPE)
    found = outcomes([run for dtype in types_of(code) for run in drawn(code, dtype, seeds)])
    place = cases_of(code).place
    drawn_types = [one.graph.input(one.graph.ops[0], place).dtype.word for one in found]
    assert drawn_types == [dtype for dtype in types_of(code) for _ in seeds]
    made = {Node(one.graph, one.graph.ops[0]).types for one in found}
    stated = [types for types in operators()[code].types if not is_unfed(types)]
    assert not [types for types in stated if not any(agree(types, each) for each in made)]
    assert_exact(found)


def is_unfed(types: Types) -> bool:
    """Whether there is an element type among them that TFLM is not fed."""
    return any(each is not None and each.word in UNFED for each in types)


@pytest.mark.nightly
@pytest.mark.parametrize("code", CODES)
def test_two_hundred_models_of_every_type(code: str) -> None:
    for dtype in types_of(code):
        assert_exact(outcomes(list(drawn(code, dtype, range(1000, 1200)))))


@pytest.mark.parametrize("code", CODES)
def test_edges(code: str) -> None:
    if runs := list(cases_of(code).edges()):
        assert_exact(outcomes(runs))


@pytest.mark.parametrize("code", CODES)
def test_what_tflm_leaves_open(code: str) -> None:
    if rows := list(cases_of(code).left_open()):
        assert_exact(outcomes([row[:2] for row in rows], [[row[2]] for row in rows]))


# All values of ops that map or combine elements


@cache
def operands_of(code: str) -> int:
    """How many operands a function of elements has: 1 or 2; 0 of other ops."""
    if cases_of(code).combine is not None:
        return 2
    if cases_of(code).ranks[0] > 1:
        return 0
    m = ModelBuilder()
    x = m.tensor((256,), cases_of(code).dtype, scale=0.1)
    cases_of(code).append(m, Draw(np.random.default_rng(1)), x)
    model = m.build()
    if not accepted(model):
        return 0
    graph = op_graph(model)
    (op,) = graph.ops
    moves = any(variant.alias for variant in kernels_of(code))
    alone = len(op.inputs) == 1 and graph.output(op).shape == graph.input(op).shape
    return int(alone and not moves)


@pytest.mark.parametrize("code", CODES)
def test_all_values(code: str) -> None:
    """Of 8 bits every value or pair of values, of 16 bits all or the ends and random ones.

    An op that is no function of one or two elements must not promise to be one.
    """
    operands = operands_of(code)
    if not operands:
        assert not operators()[code].elementwise
        return
    runs = []
    for dtype in types_of(code):
        if dtype in ("int8", "int16"):
            runs += (value_runs if operands == 1 else pair_runs)(code, np.dtype(dtype))
    if not runs:  # of truth values, integers or floats alone
        assert not {"int8", "int16"} & {*types_of(code)}
        return
    assert len(runs) >= 12
    assert_exact(outcomes(runs))


def value_runs(code: str, dtype: np.dtype) -> Iterator[Run]:
    """All values of one operand, with many scales and zero points."""
    limits = np.iinfo(dtype)
    values = np.arange(limits.min, limits.max + 1).astype(dtype)
    narrow = dtype == np.int8
    for seed, (x, y) in enumerate((*one_to_one(narrow), *cases_of(code).scales())):
        run = with_scales(code, seed, (Operand(values, x),), y)
        if run is not None:
            yield run


def one_to_one(narrow: bool) -> Iterator[tuple[Quantized, Quantized]]:
    """Scales of which some power of two steps are halfway between two steps, and any others.

    Without ``narrow``, fewer of them, and zero points of 0.
    """
    rng = np.random.default_rng(7)
    scales = []
    for _ in range(100 if narrow else 8):
        output = float(np.float32(rng.uniform(0.001, 0.1)))
        halfway = (rng.integers(0, 120) + 0.5) / 2.0 ** rng.integers(0, 7)
        scales.append((float(np.float32(output * halfway)), output))
    for powers in rng.uniform(-12, 12, (100 if narrow else 8, 2)):
        a, b = (float(np.float32(2.0**power)) for power in powers)
        scales.append((a, b))
    scales += [(2.0**-7, 2.0**-7), (2.0**-27, 1.0), (1.0, 1.0), (16.0, 1.0), (15.9, 1.0)]
    points = (-128, 127, 0, -1, 1, *rng.integers(-128, 128, 20).tolist()) if narrow else (0,)
    turns = zip(scales, itertools.cycle(points), itertools.cycle(points[::-1]), strict=False)
    for (a, b), x, y in turns:
        yield (a, x), (b, y)


PAIRS = (
    ((0.1, 0), (0.1, 0), (0.1, 0)),
    ((0.1, -128), (0.1, -128), (0.2, -128)),
    ((0.02, 127), (0.7, -128), (0.3, 5)),
    ((0.7, -128), (0.02, 127), (0.31, 127)),
    ((0.123, -1), (0.0456, 17), (0.0789, -33)),
    ((3e-5, 4), (2e-5, -4), (1e-5, 0)),
    ((1.0, 1), (1e-6, 2), (0.5, 3)),
    ((1e-9, -100), (1.0, 100), (2.0, 50)),
    ((8.0, 0), (8.0, 1), (8.0 / 2**18, -128)),
    ((0.5, 9), (0.5, -9), (1e6, 127)),
    ((1e-38, 1), (1e38, 0), (2e38, 0)),
    ((3e38, 1), (0.5, 2), (3e38, -3)),
)
"""Scales and zero points of two operands and of the output."""


def pair_runs(code: str, dtype: np.dtype) -> Iterator[Run]:
    """All pairs of values of two operands, in both orders and with all fused activations."""
    values = BYTES
    if dtype != np.int8:
        limits, rng = np.iinfo(dtype), np.random.default_rng(3)
        ends = [limits.min + n for n in range(8)] + [limits.max - n for n in range(8)]
        rest = rng.integers(limits.min, limits.max, 256 - 2 * len(ends), endpoint=True)
        values = np.array([*ends, *range(-8, 8), *rest], dtype)
    column, row = values.reshape(256, 1), values.reshape(1, 256)
    rows = [tuple(each) for each in (*PAIRS, *cases_of(code).scales())]
    for seed, (a, b, y) in enumerate(rows):
        if dtype != np.int8:
            a, b, y = ((scale, 0) for scale, _ in (a, b, y))
        if cases_of(code).same_quant:
            b = a
        run = with_scales(code, seed, (Operand(column, a), Operand(row, b)), y)
        if run is not None:
            yield run


# What ops promise to passes and plans


@pytest.mark.parametrize("code", [code for code in CODES if operators()[code].clamps])
def test_clamps_to_limits(code: str) -> None:
    """A clamp that a pass gives an op comes after the op's own."""
    rng = np.random.default_rng(4)
    runs = list(drawn(code, None, range(500, 560)))
    graphs, limits = [], []
    for model, _ in runs:
        graph = op_graph(model)
        (op,) = graph.ops
        low, high = sorted(int(n) for n in rng.integers(-128, 128, 2))
        tensors = list(graph.tensors)
        tensors[op.outputs[0]] = replace(graph.output(op), limits=(low, high))
        graphs.append(replace(graph, tensors=tuple(tensors)))
        limits.append((low, high))
    ran = kernels.run([(graph, run[1]) for graph, run in zip(graphs, runs, strict=True)])
    for graph, run, tensors, bounds in zip(graphs, runs, ran, limits, strict=True):
        got = tensors[graph.outputs[0]]
        assert got.tobytes() == np.clip(tflm_output(run), *bounds).tobytes()


@pytest.mark.parametrize("code", CODES)
def test_counts_of_multiplications(code: str) -> None:
    rows = list(cases_of(code).counted())
    for model, macs in rows:
        graph = op_graph(model)
        assert operators()[code].macs(Node(graph, graph.ops[0])) == macs
    model, _ = next(drawn(code, None, [1]))
    graph = op_graph(model)
    assert rows or operators()[code].macs(Node(graph, graph.ops[0])) == 0


@pytest.mark.parametrize("code", CODES)
def test_ops_that_move_no_data_are_those_whose_output_is_their_input(code: str) -> None:
    alias = {variant.alias for variant in kernels_of(code)}
    assert len(alias) == 1
    runs = list(drawn(code, None, range(20)))
    same = [inputs[0].tobytes() == tflm_output((model, inputs)).tobytes() for model, inputs in runs]
    assert all(same) == alias.pop()
