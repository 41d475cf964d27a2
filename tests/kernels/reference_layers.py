"""Layers as networks have them, each with the same numbers always, to count instructions of.

Shapes are of MLPerf Tiny's models. Each is a generator of ``row_cases``, whose draws are not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.row_cases import Generator
from tests.tflite_models.builder import Tensor


def _weighted(
    m: GraphBuilder, code: str, x: Tensor, shape: Sequence[int], outputs: Sequence[int], **options
) -> None:
    """An op with weights of ``shape`` and a scale for each channel, but for FULLY_CONNECTED."""
    rng = np.random.default_rng(1)
    axis = 3 if code == "DEPTHWISE_CONV_2D" else 0
    channels, depth = shape[axis], int(np.prod(shape)) // shape[axis]
    one = code == "FULLY_CONNECTED"
    scales = 0.01 if one else [0.01 + 0.0001 * (k % 7) for k in range(channels)]
    data = np.clip(np.rint(rng.normal(0, 30, shape)), -127, 127)
    w = m.tensor(shape, scale=scales, axis=axis, data=data)
    kind = "int64" if x.dtype == "int16" else "int32"
    bias = 1e-4 if one else [0.01 * scale for scale in np.atleast_1d(scales)]
    b = m.tensor((channels,), kind, scale=bias, data=rng.integers(-999, 1000, channels))
    relu = options.get("fused_activation_function") == "RELU"
    zero_point = 0 if x.dtype == "int16" else -128 if relu else 3
    y = m.tensor(outputs, x.dtype, scale=0.01 * float(depth) ** 0.5, zero_point=zero_point)
    m.op(code, [x, w, b], [y], **options)


def _image(m: GraphBuilder, shape: Sequence[int], dtype: str) -> Tensor:
    return m.tensor((1, *shape), dtype, scale=0.01, zero_point=0 if dtype == "int16" else -128)


def convolution(
    m: GraphBuilder,
    rng: np.random.Generator,
    image: tuple[int, int, int],
    window: tuple[int, int, int],
    channels: int,
    activation: str = "RELU",
    dtype: str = "int8",
) -> None:
    """``window`` is its height, its width and the stride; padding is SAME."""
    x, (height, width, stride) = _image(m, image, dtype), window
    outputs = (1, -(-image[0] // stride), -(-image[1] // stride), channels)
    options = {"padding": "SAME", "stride_h": stride, "stride_w": stride}
    shape = (channels, height, width, image[2])
    _weighted(m, "CONV_2D", x, shape, outputs, fused_activation_function=activation, **options)


def depthwise(
    m: GraphBuilder,
    rng: np.random.Generator,
    image: tuple[int, int, int],
    window: tuple[int, int, int],
    activation: str = "RELU",
    dtype: str = "int8",
) -> None:
    x, (height, width, stride) = _image(m, image, dtype), window
    outputs = (1, -(-image[0] // stride), -(-image[1] // stride), image[2])
    options = {"padding": "SAME", "stride_h": stride, "stride_w": stride, "depth_multiplier": 1}
    shape, chosen = (1, height, width, image[2]), {"fused_activation_function": activation}
    _weighted(m, "DEPTHWISE_CONV_2D", x, shape, outputs, **options, **chosen)


def dense(
    m: GraphBuilder,
    rng: np.random.Generator,
    depth: int,
    units: int,
    activation: str = "RELU",
    dtype: str = "int8",
) -> None:
    x = m.tensor((1, depth), dtype, scale=0.01, zero_point=0 if dtype == "int16" else -128)
    chosen = {"fused_activation_function": activation}
    _weighted(m, "FULLY_CONNECTED", x, (units, depth), (1, units), **chosen)


def of_two(m: GraphBuilder, rng: np.random.Generator, code: str, dtype: str = "int8") -> None:
    """An op of two images."""
    a, b = (m.tensor((1, 16, 16, 32), dtype, scale=scale) for scale in (0.02, 0.03))
    extreme = code in ("MAXIMUM", "MINIMUM")
    if extreme:
        b = m.tensor((1, 16, 16, 32), dtype, scale=0.02)
    y = m.tensor((1, 16, 16, 32), dtype, scale=0.02 if extreme else 0.04)
    m.op(code, [a, b], [y])


def pool(m: GraphBuilder, rng: np.random.Generator, code: str, dtype: str = "int8") -> None:
    x = _image(m, (24, 24, 32), dtype)
    y = m.like(x, (1, 12, 12, 32))
    options = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    m.op(code, [x], [y], padding="VALID", **options)


_IMAGES = (
    ((25, 5, 64), (1, 1, 1), 64),
    ((48, 48, 8), (1, 1, 1), 16),
    ((24, 24, 16), (1, 1, 1), 32),
    ((12, 12, 32), (1, 1, 1), 64),
    ((6, 6, 128), (1, 1, 1), 128),
    ((32, 32, 16), (3, 3, 1), 16),
    ((16, 16, 32), (3, 3, 1), 32),
    ((8, 8, 64), (3, 3, 1), 64),
    ((49, 10, 1), (10, 4, 2), 64),
    ((96, 96, 3), (3, 3, 2), 8),
)
_PLANES = (
    ((25, 5, 64), (3, 3, 1)),
    ((48, 48, 8), (3, 3, 1)),
    ((48, 48, 16), (3, 3, 2)),
    ((1, 30, 40), (1, 9, 1)),
)
_OTHERS = (("RELU", "int8"), ("NONE", "int8"), ("RELU", "int16"))

LAYERS: dict[str, tuple[Generator, ...]] = {
    "CONV_2D": tuple(
        partial(convolution, image=i, window=w, channels=c, activation=a, dtype=t)
        for i, w, c in _IMAGES
        for a, t in _OTHERS
    ),
    "DEPTHWISE_CONV_2D": tuple(
        partial(depthwise, image=i, window=w, activation=a, dtype=t)
        for i, w in _PLANES
        for a, t in _OTHERS
    ),
    "FULLY_CONNECTED": tuple(
        partial(dense, depth=d, units=u, activation=a, dtype=t)
        for d, u in ((640, 128), (128, 128), (64, 12))
        for a, t in _OTHERS
    ),
    **{
        code: tuple(partial(of_two, code=code, dtype=dtype) for dtype in ("int8", "int16"))
        for code in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM")
    },
    **{
        code: tuple(partial(pool, code=code, dtype=dtype) for dtype in ("int8", "int16"))
        for code in ("AVERAGE_POOL_2D", "MAX_POOL_2D")
    },
}
"""By operator."""
