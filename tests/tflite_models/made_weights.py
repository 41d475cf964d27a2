"""Models whose weights come out of ops on constants, which build evaluates."""

from __future__ import annotations

import numpy as np

from .builder import ModelBuilder, Tensor


def through(m: ModelBuilder, rng: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    """Weights of ``shape`` and scale 0.01 that up to four ops make of constants."""
    x = m.tensor(shape, scale=0.01, data=rng.integers(-127, 128, shape))
    for _ in range(rng.integers(1, 5)):
        x = MAKERS[rng.integers(len(MAKERS))](m, rng, x)
    return x


def like(m: ModelBuilder, shape: tuple[int, ...]) -> Tensor:
    return m.tensor(shape, scale=0.01)


def ints(m: ModelBuilder, values: object) -> Tensor:
    return m.tensor(np.shape(values), "int32", data=values)


def reshaped(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    flat, y = like(m, (int(np.prod(x.shape)),)), like(m, x.shape)
    m.op("RESHAPE", [x, ints(m, flat.shape)], [flat], new_shape=flat.shape)
    m.op("RESHAPE", [flat], [y], new_shape=x.shape)
    return y


def transposed(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    order = rng.permutation(len(x.shape))
    t, y = like(m, tuple(x.shape[d] for d in order)), like(m, x.shape)
    m.op("TRANSPOSE", [x, ints(m, order)], [t])
    m.op("TRANSPOSE", [t, ints(m, np.argsort(order))], [y])
    return y


def padded_and_cut(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    """PAD and STRIDED_SLICE, of which a part of the zeros stays."""
    pairs = rng.integers(0, 3, (len(x.shape), 2))
    padded, y = like(m, tuple(x.shape + pairs.sum(axis=1))), like(m, x.shape)
    m.op("PAD", [x, ints(m, pairs)], [padded])
    begin = pairs.sum(axis=1) // 2
    operands = [ints(m, v) for v in (begin, begin + x.shape, np.ones_like(begin))]
    m.op("STRIDED_SLICE", [padded, *operands], [y])
    return y


def joined(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    double, y = like(m, (2 * x.shape[0], *x.shape[1:])), like(m, x.shape)
    m.op("CONCATENATION", [x, x], [double], axis=0)
    zeros, steps = np.zeros(len(x.shape), int), np.ones(len(x.shape), int)
    steps[0] = 2
    m.op("STRIDED_SLICE", [double, ints(m, zeros), ints(m, double.shape), ints(m, steps)], [y])
    return y


def squeezed(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    more, y = like(m, (1, *x.shape)), like(m, x.shape)
    m.op("EXPAND_DIMS", [x, ints(m, [0])], [more])
    m.op("SQUEEZE", [more], [y], squeeze_dims=[0])
    return y


def floats(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    real, y = m.tensor(x.shape, "float32"), like(m, x.shape)
    m.op("DEQUANTIZE", [x], [real])
    m.op("QUANTIZE", [real], [y])
    return y


def mapped(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    y = like(m, x.shape)
    code = str(rng.choice(["RELU", "RELU6", "QUANTIZE", "TANH"]))
    m.op(code, [x], [y])
    return y


def combined(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    y = like(m, x.shape)
    other = m.tensor((x.shape[-1],), scale=0.01, data=rng.integers(-100, 101, x.shape[-1]))
    m.op(str(rng.choice(["ADD", "SUB", "MINIMUM", "MAXIMUM"])), [x, other], [y])
    return y


MAKERS = (reshaped, transposed, padded_and_cut, joined, squeezed, floats, mapped, combined)


def model_with_made_weights(rng: np.random.Generator) -> bytes:
    m = ModelBuilder()
    code = str(rng.choice(["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"]))
    channels, outputs = (int(n) for n in rng.integers(1, 6, 2))
    options = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    if code == "FULLY_CONNECTED":
        x, w = m.tensor((3, channels), scale=0.1, zero_point=-4), (outputs, channels)
        options, shape = {}, (3, outputs)
    elif code == "CONV_2D":
        x, w = m.tensor((1, 4, 5, channels), scale=0.1, zero_point=-4), (outputs, 2, 3, channels)
        shape = (1, 4, 5, outputs)
    else:
        x, w = m.tensor((1, 4, 5, channels), scale=0.1, zero_point=-4), (1, 3, 2, channels)
        shape, options["depth_multiplier"] = (1, 4, 5, channels), 1
    y = m.tensor(shape, scale=0.05, zero_point=7)
    m.op(code, [x, through(m, rng, w)], [y], **options)
    return m.build()
