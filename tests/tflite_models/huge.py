"""Small files whose tensors are huge: each operator with one long axis, at every place of it.

No data is behind such axes, so a file of 1 KB may ask for gigabytes. Operators are discovered:
those without a maker here are appended as their cases do, where that needs no large constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from fwgen.ops import operators
from tests.tflite_models import ModelBuilder, Tensor
from tests.tflite_models.cases import cases_of
from tests.tflite_models.draw import Draw

SCALE = 0.5
Shape = tuple[int, ...]
Made = tuple[str, bytes]


def huge_models(extent: int) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """(name, bytes) of models with an axis of ``extent``, several for each operator."""
    for name, operator in operators().items():
        if operator.code is not None:
            maker = MAKERS.get(name, drawn)
            yield from ((f"{name} {what}", model) for what, model in maker(name, extent))
    yield from CHAINS(extent)


def quantized(m: ModelBuilder, shape: Shape, scale: float = SCALE, zero_point: int = 3) -> Tensor:
    return m.tensor(shape, scale=scale, zero_point=zero_point)


def long_shapes(extent: int) -> Iterator[Shape]:
    """Four dimensions with the long axis at each place, and fewer."""
    for axis in range(4):
        yield tuple(extent if d == axis else (1, 2, 2, 2)[d] for d in range(4))
    yield (extent,)
    yield (1, extent)
    yield (1, extent // 512, 512, 1)
    yield (1, extent // 512, 1, 512)


def unary(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        m = ModelBuilder()
        x = quantized(m, shape)
        if name == "SOFTMAX" or name == "LOGISTIC":
            y = quantized(m, shape, 1 / 256, -128)
        elif name == "TANH":
            y = quantized(m, shape, 1 / 128, 0)
        elif name == "DEQUANTIZE":
            y = m.tensor(shape, "float32")
        else:
            y = quantized(m, shape, 0.25, 5)
        m.op(name, [x], [y], **({"beta": 1.0} if name == "SOFTMAX" else {}))
        yield str(shape), m.build()


def binary(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        for other in (shape, (1,), shape[-1:], (1, *shape[1:-1], 1)):
            m = ModelBuilder()
            x = quantized(m, shape)
            m.op(name, [x, quantized(m, other)], [quantized(m, shape)])
            yield f"{shape} {other}", m.build()


def concatenation(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        for axis in range(len(shape)):
            m = ModelBuilder()
            inputs = [quantized(m, shape) for _ in range(2)]
            joined = tuple(2 * e if d == axis else e for d, e in enumerate(shape))
            m.op(name, inputs, [quantized(m, joined)], axis=axis)
            yield f"{shape} {axis}", m.build()


def reshape(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        m = ModelBuilder()
        x = quantized(m, shape)
        size = int(np.prod(shape))
        target: Shape = (1, size) if name == "RESHAPE" else tuple(e for e in shape if e != 1)
        inputs = [x]
        if name == "RESHAPE":
            inputs.append(m.tensor((2,), "int32", data=target))
        elif name == "EXPAND_DIMS":
            target = (1, *shape)
            inputs.append(m.tensor((1,), "int32", data=[0]))
        m.op(name, inputs, [quantized(m, target)])
        yield str(shape), m.build()


def transpose(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        for order in permutations(range(len(shape))):
            m = ModelBuilder()
            x = quantized(m, shape)
            y = quantized(m, tuple(shape[d] for d in order))
            m.op(name, [x, m.tensor((len(order),), "int32", data=order)], [y])
            yield f"{shape} {order}", m.build()


def pad(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        for axis in range(len(shape)):
            m = ModelBuilder()
            pairs = [(1, extent) if d == axis else (0, 0) for d in range(len(shape))]
            padded = tuple(a + e + b for e, (a, b) in zip(shape, pairs, strict=True))
            table = m.tensor((len(shape), 2), "int32", data=pairs)
            m.op(name, [quantized(m, shape), table], [quantized(m, padded)])
            yield f"{shape} {axis}", m.build()


def mean(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        for axes in ((0,), (len(shape) - 1,), tuple(range(1, len(shape) - 1))):
            m = ModelBuilder()
            kept = tuple(1 if d in axes else e for d, e in enumerate(shape))
            table = m.tensor((len(axes),), "int32", data=axes)
            m.op(name, [quantized(m, shape), table], [quantized(m, kept)], keep_dims=True)
            yield f"{shape} {axes}", m.build()


def strided_slice(name: str, extent: int) -> Iterator[Made]:
    for shape in long_shapes(extent):
        for step in (1, 2, -1):
            m = ModelBuilder()
            rank = len(shape)
            taken = tuple(len(range(e)[::step]) for e in shape)
            constants = [
                m.tensor((rank,), "int32", data=values)
                for values in ((0,) * rank, shape, (step,) * rank)
            ]
            masks = {"begin_mask": (1 << rank) - 1, "end_mask": (1 << rank) - 1}
            m.op(name, [quantized(m, shape), *constants], [quantized(m, taken)], **masks)
            yield f"{shape} {step}", m.build()


def windowed(shape: Shape, kernel: tuple[int, int], stride: int, same: bool) -> tuple[int, int]:
    sizes = []
    for extent, size in zip(shape[1:3], kernel, strict=True):
        sizes.append(-(-extent // stride) if same else (extent - size) // stride + 1)
    return sizes[0], sizes[1]


def window_shapes(extent: int) -> Iterator[tuple[Shape, tuple[int, int], int, bool]]:
    for shape in long_shapes(extent):
        if len(shape) == 4:
            for kernel in ((1, 1), (2, 2), (shape[1], 1), (1, min(shape[2], 1 << 12))):
                for stride in (1, 2, 1 << 14):
                    for same in (True, False):
                        if same or all(k <= e for k, e in zip(kernel, shape[1:3], strict=True)):
                            yield shape, kernel, stride, same


def pool(name: str, extent: int) -> Iterator[Made]:
    for shape, kernel, stride, same in window_shapes(extent):
        m = ModelBuilder()
        rows, columns = windowed(shape, kernel, stride, same)
        y = quantized(m, (shape[0], rows, columns, shape[3]))
        options = {"filter_height": kernel[0], "filter_width": kernel[1]}
        options |= {"stride_h": stride, "stride_w": stride, "padding": int(not same)}
        m.op(name, [quantized(m, shape)], [y], **options)
        yield f"{shape} {kernel} {stride} {same}", m.build()


def weighted(name: str, extent: int) -> Iterator[Made]:
    for shape, kernel, stride, same in window_shapes(extent):
        if kernel[0] * kernel[1] * shape[3] > 4096:
            continue
        m = ModelBuilder()
        rows, columns = windowed(shape, kernel, stride, same)
        for outputs in (1, 4):
            if name == "DEPTHWISE_CONV_2D":
                outputs *= shape[3]
                if outputs > 4096:
                    continue
                of: Shape = (1, *kernel, outputs)
            else:
                of = (outputs, *kernel, shape[3])
            m = ModelBuilder()
            w = m.tensor(of, scale=SCALE, data=np.arange(int(np.prod(of))).reshape(of) % 5 - 2)
            y = quantized(m, (shape[0], rows, columns, outputs))
            options = {"stride_h": stride, "stride_w": stride, "padding": int(not same)}
            options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
            if name == "DEPTHWISE_CONV_2D":
                options["depth_multiplier"] = outputs // shape[3]
            m.op(name, [quantized(m, shape), w], [y], **options)
            yield f"{shape} {kernel} {stride} {same} {outputs}", m.build()


def fully_connected(name: str, extent: int) -> Iterator[Made]:
    for features, outputs in ((1, 1), (2, 3), (16, 16), (1, 4096)):
        m = ModelBuilder()
        w = m.tensor(
            (outputs, features),
            scale=SCALE,
            data=np.arange(outputs * features).reshape(outputs, features) % 5 - 2,
        )
        m.op(name, [quantized(m, (extent, features)), w], [quantized(m, (extent, outputs))])
        yield f"{features} {outputs}", m.build()


class TooLarge(Exception):
    """A file with what was drawn would be large itself."""


class Sparing(ModelBuilder):
    """Makes no large constant, and not many tensors."""

    def tensor(self, shape: Sequence[int], *args: Any, **kwargs: Any) -> Tensor:
        if (kwargs.get("data") is not None and np.prod(shape) > 4096) or len(self._rows) > 500:
            raise TooLarge
        return super().tensor(shape, *args, **kwargs)


class SparingDraw(Draw):
    """Draws no large constant, and not for ever what would make a small one."""

    drawn = 0

    def integer(self, low: int, high: int) -> int:
        self.drawn += 1
        if self.drawn > 1000:
            raise TooLarge
        return super().integer(low, high)

    def chance(self, probability: float) -> bool:
        self.drawn += 1
        if self.drawn > 1000:
            raise TooLarge
        return super().chance(probability)

    def values(self, shape: Sequence[int], dtype: str) -> np.ndarray:
        if np.prod(shape) > 4096:
            raise TooLarge
        return super().values(shape, dtype)


def drawn(name: str, extent: int) -> Iterator[Made]:
    """As the cases of an operator append it; of a shape the first of some that makes no large
    file."""
    cases = cases_of(name)
    least, most = cases.ranks
    for shape in long_shapes(extent):
        if not least <= len(shape) <= most:
            continue
        for seed in range(20):
            m, d = Sparing(), SparingDraw(np.random.default_rng(seed))
            try:
                cases.append(m, d, quantized(m, shape))
            except (TooLarge, MemoryError):
                continue
            yield f"{shape} {seed}", m.build()
            break


def CHAINS(extent: int) -> Iterator[Made]:
    """Ops in a row, which passes join and cascades do band by band."""
    for shape in long_shapes(extent):
        if len(shape) == 4:
            m = ModelBuilder()
            t = x = quantized(m, shape)
            for code in ("RELU", "MAX_POOL_2D", "ADD", "AVERAGE_POOL_2D", "RELU6"):
                y = quantized(m, shape)
                options = {"filter_height": 1, "filter_width": 1, "stride_h": 1, "stride_w": 1}
                m.op(
                    code,
                    [t, x] if code == "ADD" else [t],
                    [y],
                    **(options if "POOL" in code else {}),
                )
                t = y
            yield f"CHAIN {shape}", m.build()


MAKERS = {
    **dict.fromkeys(
        ("RELU", "RELU6", "LOGISTIC", "TANH", "QUANTIZE", "DEQUANTIZE", "SOFTMAX"), unary
    ),
    **dict.fromkeys(("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM"), binary),
    **dict.fromkeys(("RESHAPE", "SQUEEZE", "EXPAND_DIMS"), reshape),
    **dict.fromkeys(("AVERAGE_POOL_2D", "MAX_POOL_2D"), pool),
    **dict.fromkeys(("CONV_2D", "DEPTHWISE_CONV_2D"), weighted),
    "CONCATENATION": concatenation,
    "TRANSPOSE": transpose,
    "PAD": pad,
    "MEAN": mean,
    "STRIDED_SLICE": strided_slice,
    "FULLY_CONNECTED": fully_connected,
}
