"""CONV_2D: windows that follow one another in the input, and any others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.shapes.joined import convolution as joined
from tests.kernels.shapes.products import Shape, append, append_s16, depth_of, size
from tests.tflite_models.draw import Draw
from tests.tflite_models.weighted import append_weighted
from tests.tflite_models.windows import draw_window

Append = Callable[[GraphBuilder, np.random.Generator, Shape], None]


def pixels(m: GraphBuilder, rng: np.random.Generator, op: Append = append, **kind: bool) -> None:
    """1x1, of every kernel's depths."""
    h, w = size(rng, 5), size(rng, 7)
    depth, units = depth_of(rng), size(rng, 20)
    op(m, rng, Shape("CONV_2D", w, depth, units, h=h, batches=size(rng, 2), **kind))


def consecutive(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Windows of one row."""
    k, c = size(rng, 5), size(rng, 30)
    stride = (1, size(rng, 3))
    w = k + size(rng, 9)
    append(m, rng, Shape("CONV_2D", w, c, size(rng, 20), kernel=(1, k), stride=stride))


def windows(m: GraphBuilder, rng: np.random.Generator, op: Append = append, **kind: bool) -> None:
    """Any, with kernels larger than the input."""
    stride, dilation = (size(rng, 3), size(rng, 3)), (1, 1)
    if rng.random() < 0.3:
        stride, dilation = (1, 1), (size(rng, 3), size(rng, 3))
    while True:
        shape = Shape(
            "CONV_2D",
            size(rng, 10),
            size(rng, 24),
            size(rng, 18),
            h=size(rng, 10),
            kernel=(size(rng, 5), size(rng, 5)),
            stride=stride,
            dilation=dilation,
            padding=str(rng.choice(["SAME", "SAME", "VALID"])),
            batches=int(rng.choice([1, 1, 2])),
            **kind,
        )
        if min(shape.output) > 0:
            break
    op(m, rng, shape)


def squares(m: GraphBuilder, rng: np.random.Generator) -> None:
    """3 x 3 with stride 1, of odd and even sizes, and of every kernel's depths."""
    h, w = 2 + size(rng, 12), 2 + size(rng, 14)
    c = int(rng.choice([16, 32, 64, 96, size(rng, 20), size(rng, 40)]))
    padding = str(rng.choice(["SAME", "SAME", "VALID"]))
    batches = int(rng.choice([1, 1, 2, 3]))
    shape = Shape("CONV_2D", w, c, size(rng, 9), h=h, kernel=(3, 3), padding=padding)
    append(m, rng, replace(shape, batches=batches, large=bool(rng.random() < 0.1)))


def groups(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Groups of channels, up to some blocks in each."""
    d = Draw(rng)
    count, depth = d.integer(2, 4), d.integer(1, 12)
    units = count * (8 * d.integer(1, 2) if d.chance(0.5) else d.integer(1, 12))
    image = (d.pick((1, 1, 2)), d.integer(1, 7), d.integer(1, 7), count * depth)
    window = draw_window(d, image[1], image[2], 4, dilated=True)
    x = d.activations(m, image, "int8")
    outputs = (image[0], window.output_h, window.output_w, units)
    shape = (units, window.kernel_h, window.kernel_w, depth)
    append_weighted(m, d, "CONV_2D", x, shape, 0, outputs, window.options())


GENERATORS = (
    groups,
    *(pixels, consecutive, windows, squares, joined),
    *(partial(pixels, large=True), partial(windows, large=True)),
    *(partial(pixels, nibbles=True), partial(windows, nibbles=True)),
    *(partial(pixels, op=append_s16), partial(windows, op=append_s16)),
)
