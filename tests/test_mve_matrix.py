"""The MVE kernels of CONV_2D and FULLY_CONNECTED against the reference, on a Cortex-M55 in QEMU."""

from __future__ import annotations

import numpy as np
import pytest
from kernels import Case
from mve import assert_as_reference, named
from tflite_models import ModelBuilder, random_inputs, random_op_model
from tflm import load

from fwgen.ops import operators


def holding(code: str, name: str, count: int, seed: int) -> list[Case]:
    """``count`` random models of the op for which the variant holds, with inputs."""
    (variant,) = (v for v in operators()[code].variants if v.name == name)
    cases: list[Case] = []
    while len(cases) < count:
        rng = np.random.default_rng(seed)
        model = random_op_model(code, rng)
        graph = load(model)
        if variant.holds(graph, graph.ops[0]):
            cases.append((graph, random_inputs(model, rng)))
        seed += 1
    return cases


@pytest.mark.parametrize("offset", [0, 3])
def test_random_convolutions(offset: int) -> None:
    cases = holding("CONV_2D", "conv_2d_s8_mve", 250, seed=10_000 * offset)
    assert_as_reference(cases, named("conv_2d_s8_mve"), offset=offset)


def rows_model(code: str, rng: np.random.Generator, rows: int, depth: int, units: int) -> bytes:
    """Rows times weights, as FULLY_CONNECTED or as a 1x1 convolution, saturating now and then."""
    model = ModelBuilder()
    pointwise = code == "CONV_2D"
    x_zero, y_zero = int(rng.integers(-128, 128)), int(rng.choice([-128, 0, 127]))
    scales = list(map(float, rng.uniform(1e-4, 3e-3, units)))
    values = rng.choice([-127, 127, 0, 5], (units, depth)).astype(np.int8)
    weights = values.reshape(units, 1, 1, depth) if pointwise else values
    bias = rng.integers(-9999, 9999, units).astype(np.int32)

    def shape(last: int) -> tuple[int, ...]:
        return (1, rows, 1, last) if pointwise else (rows, last)

    x = model.tensor(shape(depth), scale=1, zero_point=x_zero)
    w = model.tensor(weights.shape, scale=scales, axis=0, data=weights)
    b = model.tensor((units,), "int32", scale=scales, data=bias)
    y = model.tensor(shape(units), scale=0.9, zero_point=y_zero)
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1} if pointwise else {}
    model.op(code, [x, w, b], [y], fused_activation_function="NONE", **options)
    return model.build()


@pytest.mark.parametrize("code", ["CONV_2D", "FULLY_CONNECTED"])
def test_rows_of_whole_vectors(code: str) -> None:
    """Odd and even numbers of rows and units, depths of 1 to 8 vectors."""
    cases = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        rows, units = int(rng.integers(1, 8)), int(rng.integers(1, 20))
        model = rows_model(code, rng, rows, 16 * int(rng.integers(1, 9)), units)
        cases.append((load(model), random_inputs(model, rng)))
    assert_as_reference(cases, named("matrix_s8_mve"))


def test_hot_loops_keep_their_instruction_counts() -> None:
    """Instructions are exact under icount; what these shapes cost may not grow by 3 %."""
    rng = np.random.default_rng(1)
    model = rows_model("CONV_2D", rng, rows=125, depth=64, units=64)
    case = (load(model), random_inputs(model, rng))
    (count,) = assert_as_reference([case], named("matrix_s8_mve"))
    assert 0.9 * LIMITS["matrix"] < count <= 1.03 * LIMITS["matrix"]


LIMITS = {"matrix": 121_947}
"""Instructions of 125 rows of 64 inputs into 64 outputs."""
