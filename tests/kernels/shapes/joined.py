"""Convolutions as passes leave them: with explicit padding, and clamped by what came next."""

from __future__ import annotations

import numpy as np

from fwgen.compile.passes import optimize
from fwgen.model.graph import Graph
from tests.kernels.graph_builder import GraphBuilder


def convolution(m: GraphBuilder, rng: np.random.Generator) -> Graph:
    return _joined(m, rng, depthwise=False)


def depthwise(m: GraphBuilder, rng: np.random.Generator) -> Graph:
    return _joined(m, rng, depthwise=True)


def _joined(m: GraphBuilder, rng: np.random.Generator, depthwise: bool) -> Graph:
    """PAD, convolution and clamps, of shapes and scales that fast kernels take."""
    rows, columns, kernel_h, kernel_w = (int(n) for n in rng.integers(1, (6, 7, 5, 5)))
    if rng.random() < 0.3:  # with padding and strides, positions may be as many and yet others
        kernel_h = kernel_w = 1
        rows, columns = min(rows, 2), min(columns, 2)
    stride_h, stride_w = (int(n) for n in rng.choice([1, 1, 2, 3], 2))
    channels, outputs = (int(n) for n in rng.choice([3, 4, 8, 16, 16, 32], 2))
    x = m.tensor((1, rows, columns, channels), scale=0.1, zero_point=int(rng.integers(-128, 128)))
    pairs = rng.integers(0, rng.choice([1, 2, 6]) + 1, (4, 2)) * [[0], [1], [1], [0]]
    height, width = (int(n) for n in np.array([rows, columns]) + pairs[1:3].sum(axis=1))
    height, width = max(height, kernel_h), max(width, kernel_w)
    pairs[1:3, 1] = np.array([height, width]) - [rows, columns] - pairs[1:3, 0]
    padded = m.tensor((1, height, width, channels), scale=0.1, zero_point=x.zero_point)
    m.op("PAD", [x, m.tensor((4, 2), "int32", data=pairs)], [padded])

    outputs = channels if depthwise else outputs
    shape = (1 if depthwise else outputs, kernel_h, kernel_w, channels)
    scales = list(map(float, rng.uniform(0.0005, 0.002, outputs)))
    axis = 3 if depthwise else 0
    w = m.tensor(shape, scale=scales, axis=axis, data=rng.integers(-127, 128, shape))
    padding = str(rng.choice(["SAME", "VALID"]))
    if padding == "SAME":
        sizes = (1, -(-height // stride_h), -(-width // stride_w), outputs)
    else:
        sizes = (
            1,
            (height - kernel_h) // stride_h + 1,
            (width - kernel_w) // stride_w + 1,
            outputs,
        )
    zero_point = int(rng.choice([-128, rng.integers(-128, 128)]))
    y = m.tensor(sizes, scale=0.02, zero_point=zero_point)
    options: dict[str, object] = {"padding": padding, "stride_h": stride_h, "stride_w": stride_w}
    if depthwise:
        options["depth_multiplier"] = 1
    m.op("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [padded, w], [y], **options)
    for code in ("MINIMUM", "MAXIMUM")[: max(0, rng.integers(-5, 3))]:
        z = m.tensor(sizes, scale=0.02, zero_point=zero_point)
        number = m.tensor((1,), scale=0.02, data=[int(rng.integers(-128, 128))])
        m.op(code, [y, number], [z])
        y = z
    return optimize(m.build(), strict=True)
