"""Estimated cycles of int16 and of 4-bit weights: by the multiplication, against CMSIS-NN's kernels
(where CMSIS_NN_ROOT names them) and against the same op with weights of 8 bits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Fwgen
from tests.kernels.cmsis_library import REAL
from tests.tflite_models.builder import ModelBuilder

SHAPES = {
    "CONV_2D": ((1, 25, 5, 64), (64, 1, 1, 64), (1, 25, 5, 64)),
    "DEPTHWISE_CONV_2D": ((1, 25, 5, 64), (1, 3, 3, 64), (1, 25, 5, 64)),
    "FULLY_CONNECTED": ((1, 640), (128, 640), (1, 128)),
}
"""Of input, weights and output."""

OPTIONS: dict[str, dict[str, object]] = {
    "CONV_2D": {"padding": "VALID", "stride_h": 1, "stride_w": 1},
    "DEPTHWISE_CONV_2D": {"padding": "SAME", "stride_h": 1, "stride_w": 1, "depth_multiplier": 1},
    "FULLY_CONNECTED": {},
}


@dataclass(frozen=True)
class Layer:
    """One op with a RELU. ``weights`` is their type; ``channels`` the axis of scales, if any."""

    code: str
    activations: str
    bias: str
    weights: str = "int8"

    def write(self, path: Path) -> Path:
        """The model as a file."""
        m, rng = ModelBuilder(), np.random.default_rng(1)
        inputs, weights, outputs = SHAPES[self.code]
        axis = 3 if self.code == "DEPTHWISE_CONV_2D" else 0
        channels = weights[axis]
        one = self.code == "FULLY_CONNECTED"
        zero_point = 0 if self.activations == "int16" else -128
        most = 7 if self.weights == "int4" else 127
        x = m.tensor(inputs, self.activations, scale=0.01, zero_point=zero_point)
        w = m.tensor(
            weights,
            self.weights,
            scale=0.01 if one else [0.01] * channels,
            axis=axis,
            data=rng.integers(-most, most + 1, weights),
        )
        b = m.tensor(
            (channels,),
            self.bias,
            scale=1e-4 if one else [1e-4] * channels,
            data=rng.integers(-999, 1000, channels),
        )
        y = m.tensor(outputs, self.activations, scale=0.3, zero_point=zero_point)
        options = OPTIONS[self.code]
        m.op(self.code, [x, w, b], [y], fused_activation_function="RELU", **options)
        path.write_bytes(m.build())
        return path


ENVIRONMENT = {**os.environ, **({"CMSIS_NN_ROOT": str(REAL)} if REAL else {})}

Profile = Callable[..., dict[str, Any]]


@pytest.fixture
def profile(fwgen: Fwgen, tmp_path: Path) -> Profile:
    """Builds and profiles a layer with options of ``build``; its result has the memory, too."""

    def run(layer: Layer, *options: str) -> dict[str, Any]:
        name = "-".join(option.strip("-") for option in options)
        model, result = layer.write(tmp_path / f"{layer.weights}.tflite"), tmp_path / "result.json"
        done = fwgen("build", model, "-b", "corstone-300", "-o", name, *options, env=ENVIRONMENT)
        assert done.returncode == 0, done.stderr
        done = fwgen("profile", name, "--json", result, env=ENVIRONMENT)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(result.read_bytes())
        return found

    return run


def cycles(result: dict[str, Any]) -> int:
    total: int = result["counters"]["total"]
    return total


OF_INT16 = (
    (Layer("CONV_2D", "int16", "int64"), 3.2, 2.5),
    # CMSIS-NN's rule of 32 bits takes 2.5 times what the multiplications alone would
    (Layer("CONV_2D", "int16", "int32"), 3.2, 1.9),
    (Layer("DEPTHWISE_CONV_2D", "int16", "int64"), 0.85, 4.0),
    (Layer("FULLY_CONNECTED", "int16", "int64"), 2.8, 5.0),
)
"""Layers, least multiplications a cycle, and least cycles of CMSIS-NN's kernel in ours."""

FASTEST = ("--kernels", "fwgen", "--optimize", "speed")


@pytest.mark.parametrize(("layer", "rate", "ratio"), OF_INT16, ids=lambda value: str(value))
def test_int16_multiplies_as_often_as_it_can(
    layer: Layer, rate: float, ratio: float, profile: Profile, fwgen: Fwgen
) -> None:
    ours = profile(layer, *FASTEST)
    assert ours["model"]["macs"] / cycles(ours) >= rate
    if REAL is None:
        pytest.skip("CMSIS_NN_ROOT is not set: nothing was compared with the real CMSIS-NN")
    theirs = profile(layer, "--kernels", "cmsis-nn")
    assert fwgen("verify", "kernels-cmsis-nn", "--inputs", "2", env=ENVIRONMENT).returncode == 0
    print(f"{layer}: {cycles(ours)} for {cycles(theirs)}, {cycles(theirs) / cycles(ours):.2f}")
    assert cycles(theirs) / cycles(ours) >= ratio


@pytest.mark.parametrize(
    ("code", "most", "share"),
    [("FULLY_CONNECTED", 1.2, 0.52), ("CONV_2D", 1.03, 0.56)],  # 8 to 12 bytes more a channel
)
def test_weights_of_4_bits_cost_few_cycles_and_half_the_memory(
    code: str, most: float, share: float, profile: Profile
) -> None:
    whole = profile(Layer(code, "int8", "int32"), *FASTEST)
    halves = profile(Layer(code, "int8", "int32", "int4"), "--optimize", "size")
    assert cycles(halves) <= most * cycles(whole)
    sizes = [result["memory"]["weights_bytes"] for result in (halves, whole)]
    print(f"{code}: {cycles(halves)} for {cycles(whole)} cycles, {sizes} bytes of weights")
    assert sizes[0] <= share * sizes[1]
