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

    def run(layer: Layer, *options: str, board: str = M55) -> dict[str, Any]:
        name = "-".join(option.strip("-") for option in options)
        model, result = layer.write(tmp_path / f"{layer.weights}.tflite"), tmp_path / "result.json"
        done = fwgen("build", model, "-b", board, "-o", name, *options, env=ENVIRONMENT)
        assert done.returncode == 0, done.stderr
        done = fwgen("profile", name, "--json", result, env=ENVIRONMENT)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(result.read_bytes())
        return found

    return run


def cycles(result: dict[str, Any]) -> int:
    total: int = result["counters"]["total"]
    return total


M55, M4, M33, M7 = "corstone-300", "mps2-an386", "mps2-an505", "mps2-an500"

WIDE = Layer("CONV_2D", "int16", "int64")
NARROW = Layer("CONV_2D", "int16", "int32")
DEPTHWISE = Layer("DEPTHWISE_CONV_2D", "int16", "int64")
DENSE = Layer("FULLY_CONNECTED", "int16", "int64")

OF_INT16 = (
    (M55, WIDE, 3.2, 2.5),
    # CMSIS-NN's rule of 32 bits takes 2.5 times what the multiplications alone would
    (M55, NARROW, 3.2, 1.9),
    (M55, DEPTHWISE, 0.85, 4.0),
    (M55, DENSE, 2.8, 5.0),
    (M4, WIDE, 0.85, 2.7),
    *(
        pytest.param(*case, marks=pytest.mark.nightly)
        for case in (
            (M4, NARROW, 0.8, 2.5),
            (M4, DEPTHWISE, 0.44, 7.5),
            (M4, DENSE, 0.71, 2.3),
            (M33, WIDE, 0.85, 2.7),
            (M33, NARROW, 0.8, 2.5),
            (M33, DEPTHWISE, 0.44, 7.5),
            (M33, DENSE, 0.71, 2.3),
            (M7, WIDE, 1.3, 3.2),
            (M7, NARROW, 1.2, 2.8),
            (M7, DEPTHWISE, 0.55, 6.8),
            (M7, DENSE, 1.3, 4.7),
        )
    ),
)
"""Boards, layers, least multiplications a cycle, and least cycles of CMSIS-NN's kernel in ours."""

FASTEST = ("--kernels", "fwgen", "--optimize", "speed")


@pytest.mark.parametrize(
    ("board", "layer", "rate", "ratio"), OF_INT16, ids=lambda value: str(value)
)
def test_int16_multiplies_as_often_as_it_can(
    board: str, layer: Layer, rate: float, ratio: float, profile: Profile, fwgen: Fwgen
) -> None:
    ours = profile(layer, *FASTEST, board=board)
    assert ours["model"]["macs"] / cycles(ours) >= rate
    if REAL is None:
        pytest.skip("CMSIS_NN_ROOT is not set: nothing was compared with the real CMSIS-NN")
    theirs = profile(layer, "--kernels", "cmsis-nn", board=board)
    assert fwgen("verify", "kernels-cmsis-nn", "--inputs", "2", env=ENVIRONMENT).returncode == 0
    found = cycles(theirs) / cycles(ours)
    print(f"{board}, {layer}: {cycles(ours)} for {cycles(theirs)}, {found:.2f}")
    assert found >= ratio


@pytest.mark.parametrize(
    ("board", "code", "most", "share"),
    [  # 8 to 12 bytes more a channel
        (M55, "FULLY_CONNECTED", 1.2, 0.52),
        (M55, "CONV_2D", 1.03, 0.56),
        (M4, "FULLY_CONNECTED", 1.04, 0.52),
        *(
            pytest.param(*case, marks=pytest.mark.nightly)
            for case in (
                (M4, "CONV_2D", 1.08, 0.62),
                (M7, "FULLY_CONNECTED", 1.05, 0.52),
                (M7, "CONV_2D", 1.12, 0.62),
            )
        ),
    ],
)
def test_weights_of_4_bits_cost_few_cycles_and_half_the_memory(
    board: str, code: str, most: float, share: float, profile: Profile
) -> None:
    whole = profile(Layer(code, "int8", "int32"), *FASTEST, board=board)
    halves = profile(Layer(code, "int8", "int32", "int4"), "--optimize", "size", board=board)
    assert cycles(halves) <= most * cycles(whole)
    sizes = [result["memory"]["weights_bytes"] for result in (halves, whole)]
    print(f"{board}, {code}: {cycles(halves)} for {cycles(whole)} cycles, {sizes} weights_bytes")
    assert sizes[0] <= share * sizes[1]
