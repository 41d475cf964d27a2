"""The MVE kernels of DEPTHWISE_CONV_2D against the reference, on a Cortex-M55 in QEMU."""

from __future__ import annotations

import numpy as np
import pytest
from kernels import Case
from mve import assert_as_reference, named
from tflite_models import ModelBuilder, random_inputs
from tflm import load

from fwgen.ops import operators

VARIANTS = [v for v in operators()["DEPTHWISE_CONV_2D"].variants if v.provider != "reference"]


def depthwise_model(rng: np.random.Generator) -> bytes:
    """Channels, kernels and strides as models have them, weights small and extreme."""
    channels = int(rng.choice([1, 3, 8, 8, 16, 16, 24, 32, 40, 64, 128]))
    height, width = int(rng.integers(3, 26)), int(rng.choice([1, 1, 2, 5, 6, 12, 17, 24]))
    kernel_h = int(rng.choice([1, 3, 3, 3, 5, 10, 15]))
    kernel_w = int(rng.choice([1, 3])) if width < 5 else 3
    stride = int(rng.choice([1, 1, 2]))
    same = bool(rng.random() < 0.6) or kernel_h > height or kernel_w > width
    model = ModelBuilder()
    size = [
        -(-n // stride) if same else (n - k) // stride + 1
        for n, k in ((height, kernel_h), (width, kernel_w))
    ]
    zero = int(rng.choice([-128, -128, 0, 5, 127]))
    x = model.tensor((1, height, width, channels), scale=0.05, zero_point=zero)
    shape = (1, kernel_h, kernel_w, channels)
    scales = list(map(float, rng.uniform(1e-4, 2e-2, channels)))
    reach = int(rng.choice([20, 60, 127]))
    values = rng.integers(-reach, reach + 1, shape)
    values[rng.random(shape) < 0.02] = -127
    w = model.tensor(shape, scale=scales, axis=3, data=values.astype(np.int8))
    bias = rng.integers(-5000, 5000, channels).astype(np.int32)
    b = model.tensor((channels,), "int32", scale=[0.05 * s for s in scales], data=bias)
    y = model.tensor(
        (1, *size, channels), scale=0.06, zero_point=int(rng.choice([-128, -128, 0, 9]))
    )
    activation = str(rng.choice(["NONE", "RELU"]))
    model.op(
        "DEPTHWISE_CONV_2D", [x, w, b], [y], depth_multiplier=1, stride_h=stride, stride_w=stride,
        padding="SAME" if same else "VALID", fused_activation_function=activation,
    )  # fmt: skip
    return model.build()


@pytest.fixture(scope="module")
def models() -> list[Case]:
    """Random models with inputs, the same for every variant."""
    cases: list[Case] = []
    for seed in range(700):
        rng = np.random.default_rng(seed)
        model = depthwise_model(rng)
        cases.append((load(model), random_inputs(model, rng)))
    return cases


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.name)
@pytest.mark.parametrize("offset", [0, 5])
def test_as_the_reference(models: list[Case], variant: object, offset: int) -> None:
    chosen = next(v for v in VARIANTS if v is variant)
    cases = [(g, x) for g, x in models if chosen.holds(g, g.ops[0])]
    cases = cases[offset::2] if len(cases) > 120 else cases
    assert len(cases) >= 8, "the models must be worth the test"
    assert_as_reference(cases[:150], named(chosen.name), offset=offset)
