"""TRANSPOSE_CONV: beside the operator's own, of whole blocks of channels and deep windows."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw
from tests.tflite_models.weighted import append_weighted


def of_many_channels(dtype: str, m: GraphBuilder, rng: np.random.Generator) -> None:
    """Of 5 to 24 channels, such that more than one kernel multiplies."""
    d = Draw(rng)
    kernel, stride = (d.integer(1, 4), d.integer(1, 4)), (d.integer(1, 3), d.integer(1, 3))
    image = (d.pick((1, 1, 2)), d.integer(1, 4), d.integer(1, 5), d.integer(1, 24))
    channels = 8 * d.integer(1, 3) if d.chance(0.6) else d.integer(5, 20)
    padding = d.pick(("SAME", "VALID"))
    sizes = [
        size * s if padding == "SAME" else (size - 1) * s + k
        for size, k, s in zip(image[1:3], kernel, stride, strict=True)
    ]
    x = d.activations(m, image, dtype)
    outputs = (image[0], *sizes, channels)
    shape = m.tensor((4,), "int32", data=outputs)
    options: dict[str, object] = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    w = (channels, *kernel, image[3])
    append_weighted(m, d, "TRANSPOSE_CONV", x, w, 0, outputs, options, before=(shape,))


GENERATORS = (partial(of_many_channels, "int8"), partial(of_many_channels, "int16"))
