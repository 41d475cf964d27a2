"""Pools of more channels than a vector holds: whole vectors, and every rest of one."""

from __future__ import annotations

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw


def of_many_channels(
    code: str, m: GraphBuilder, rng: np.random.Generator, dtype: str = "int8"
) -> None:
    """Windows that reach over each other, of 1 to 50 channels."""
    d = Draw(rng)
    h, w, channels = d.integer(1, 7), d.integer(1, 7), d.integer(1, 50)
    kernel = d.integer(1, min(h, 4)), d.integer(1, min(w, 4))
    _pool(code, m, d, (h, w, channels), kernel, dtype)


def of_large_windows(
    code: str, m: GraphBuilder, rng: np.random.Generator, dtype: str = "int8"
) -> None:
    """Windows of up to 700 pixels, of 1 to 20 channels."""
    d = Draw(rng)
    h, w, channels = d.integer(8, 26), d.integer(8, 26), d.integer(1, 20)
    kernel = d.integer(h - 4, h), d.integer(w - 4, w)
    _pool(code, m, d, (h, w, channels), kernel, dtype)


def _pool(
    code: str,
    m: GraphBuilder,
    d: Draw,
    image: tuple[int, int, int],
    kernel: tuple[int, int],
    dtype: str,
) -> None:
    h, w, channels = image
    stride = d.integer(1, 3), d.integer(1, 3)
    padding = "SAME" if d.chance(0.5) else "VALID"
    ends = zip((h, w), kernel, stride, strict=True)
    sizes = [-(-n // s) if padding == "SAME" else (n - k) // s + 1 for n, k, s in ends]
    scale, zero_point = d.scale(), d.zero_point(dtype)
    x = m.tensor((1, h, w, channels), dtype, scale=scale, zero_point=zero_point)
    y = m.tensor((1, *sizes, channels), dtype, scale=scale, zero_point=zero_point)
    options: dict[str, object] = {"stride_h": stride[0], "stride_w": stride[1]}
    options |= {"filter_height": kernel[0], "filter_width": kernel[1], "padding": padding}
    m.op(code, [x], [y], fused_activation_function=d.activation(scale), **options)
