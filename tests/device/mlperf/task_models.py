"""A small model for each task of MLPerf Tiny, files as its data set has them, and what TFLM says.

What is known of the data sets is stated here anew, from ``datasets/README.md`` of mlcommons/tiny.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.host.oracle import Oracle
from tests.tflite_models.hand_made import T, one_op

Array = np.ndarray


@dataclass(frozen=True)
class Facts:
    """Shape and type of the files; of the model: outputs, and scale and zero point of its input as
    those of the reference models are."""

    shape: tuple[int, ...]
    dtype: str
    outputs: int
    scale: float
    zero_point: int


FACTS = {
    "kws01": Facts((49, 10), "int8", 12, 0.5847029, 83),
    "vww01": Facts((96, 96, 3), "uint8", 2, 1 / 255, -128),
    "ic01": Facts((32, 32, 3), "uint8", 10, 1.0, -128),
    "ad01": Facts((5, 128), "float32", 640, 0.39101523, 89),
    "sww01": Facts((30, 40), "int8", 3, 0.0037010426, -128),
}


def model_of(task: str, dtype: str = "int8", seed: int = 1) -> bytes:
    """One layer that sees the whole input, whose outputs spread over their range."""
    facts, rng = FACTS[task], np.random.default_rng(seed)
    inputs = int(np.prod(facts.shape))
    zero_point = facts.zero_point + (128 if dtype == "uint8" else 0)
    x = T((1, inputs), dtype, facts.scale, zero_point)
    weights = rng.integers(-127, 128, (facts.outputs, inputs)).astype(np.int8)
    spread = facts.scale * 0.01 * 74 * 74 * inputs**0.5  # deviations of inputs and weights
    w = T(weights.shape, "int8", 0.01, data=weights)
    bias = T((facts.outputs,), "int32", None, data=np.zeros(facts.outputs, np.int32))
    y = T((1, facts.outputs), "int8", spread / 60, 5)
    if dtype == "uint8":  # as converters make it: QUANTIZE, then int8
        return _behind_quantize(x, w, bias, y)
    return one_op("FULLY_CONNECTED", [x, w, bias], y)


def _behind_quantize(x: T, w: T, bias: T, y: T) -> bytes:
    from tests.tflite_models.builder import ModelBuilder

    m = ModelBuilder()
    given, weights, offsets = x.add(m), w.add(m), bias.add(m)
    assert x.scale is not None
    inner = T(x.shape, "int8", x.scale, x.zero_point - 128).add(m)
    out = y.add(m)
    m.op("QUANTIZE", [given], [inner])
    m.op("FULLY_CONNECTED", [inner, weights, offsets], [out])
    return m.build()


def files_of(task: str, count: int, seed: int = 2) -> list[bytes]:
    """Files of the data set: noise, every value of the type among it. Those of ad01 are windows."""
    facts, rng = FACTS[task], np.random.default_rng(seed)
    if facts.dtype == "float32":
        made = rng.normal(-6.0, 12.0, (count, *facts.shape)).astype("<f4")
    else:
        limits = np.iinfo(facts.dtype)
        made = rng.integers(limits.min, limits.max + 1, (count, *facts.shape), facts.dtype)
    return [each.tobytes() for each in made]


def model_input(task: str, file: bytes, dtype: str = "int8") -> Array:
    """What the model is to see of a file, in arithmetic of its own: pictures of 0 to 255 as -128 to
    127, floats by the scale of the input with halves away from zero."""
    facts = FACTS[task]
    values = np.frombuffer(file, facts.dtype)
    if facts.dtype == "float32":
        scaled = (values / np.float32(facts.scale)).astype(np.float64)  # divided in 32 bits
        rounded = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)
        values = np.clip(rounded + facts.zero_point, -128, 127)
    elif facts.dtype != dtype:
        values = values.astype(np.int32) + (-128 if facts.dtype == "uint8" else 128)
    return values.astype(dtype).reshape(1, -1)


def expected(task: str, model: bytes, files: list[bytes], dtype: str = "int8") -> list[Array]:
    """The results of each file: TFLM's output in real numbers, or the score of ad01."""
    with Oracle(model) as oracle:
        inputs = [model_input(task, file, dtype) for file in files]
        raw = [oracle.invoke([x])[0].astype(np.float64).ravel() for x in inputs]
    scale = output_scale(task)
    real = [(y - 5) * scale for y in raw]
    if task != "ad01":
        return real
    windows = [np.frombuffer(file, "<f4").astype(np.float64) for file in files]
    pairs = zip(real, windows, strict=True)
    return [np.array([np.mean((y - x) ** 2)]) for y, x in pairs]


def output_scale(task: str) -> float:
    """As ``model_of`` has it, in 32 bits."""
    facts = FACTS[task]
    spread = facts.scale * 0.01 * 74 * 74 * int(np.prod(facts.shape)) ** 0.5
    return float(np.float32(spread / 60))
