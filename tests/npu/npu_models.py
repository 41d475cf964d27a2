"""Models of one op as Vela offloads them, int8 and int16, many of which fwgen itself has not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.tflite_models import ModelBuilder, Tensor
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.windows import Window, draw_window


class Maker:
    """Draws the parts of a model whose activations are of one dtype."""

    def __init__(self, rng: np.random.Generator, dtype: str) -> None:
        self.m = ModelBuilder()
        self.d = Draw(rng, tame=True)
        self.dtype = dtype

    def tensor(self, shape: Sequence[int], like: Tensor | None = None) -> Tensor:
        """An activation, of its own scale or that of another; int16 has no zero point."""
        scale = self.d.scale() if like is None else like.scale
        if like is None and self.dtype == "int16":
            scale = float32(scale / 64)
        zero = self.zero_point() if like is None else like.zero_point
        return self.m.tensor(shape, self.dtype, scale=scale, zero_point=zero)

    def zero_point(self) -> int:
        return 0 if self.dtype == "int16" else self.d.zero_point()

    def image(self, height: int = 9, width: int = 9, channels: int = 40) -> Tensor:
        d = self.d
        return self.tensor((1, d.extent(height), d.extent(width), d.extent(channels)))

    def activation(self) -> str:
        return self.d.pick(("NONE", "NONE", "RELU", "RELU6"))


def _weighted(
    k: Maker, code: str, x: Tensor, shape: tuple[int, ...], axis: int, outputs: Sequence[int],
    first: Sequence[Tensor] = (), **options: object,
) -> None:  # fmt: skip
    """Weights, bias and output such that sums fill the output's range."""
    d, channels = k.d, shape[axis]
    values = d.int8(shape)
    taps = np.moveaxis(values, axis, 0).reshape(channels, -1).astype(np.int64)
    wide = 256 if k.dtype == "int16" else 1
    usual = 74 * wide * max(1.0, float(np.sqrt((taps**2).sum(axis=1).max())))
    y = k.tensor(outputs)
    base = 40 * wide / usual * d.power(-1, 1) * y.scale / x.scale
    scales = [float32(base * d.power(-3, 0)) for _ in range(channels if d.chance(0.7) else 1)]
    weights = k.m.tensor(shape, scale=scales, axis=axis, data=values)
    bias = d.rng.integers(-int(usual), int(usual) + 1, channels)
    products = [float32(x.scale * s) for s in scales]
    kind = "int64" if k.dtype == "int16" else "int32"
    b = k.m.tensor((channels,), kind, scale=products, data=bias)
    inputs = [*first, weights, x, b] if first else [x, weights, b]
    k.m.op(code, inputs, [y], **options)


def _window(k: Maker, x: Tensor, most: int, dilated: bool) -> Window:
    while True:
        found = draw_window(k.d, x.shape[1], x.shape[2], most, dilated)
        if max(found.stride_h, found.stride_w) <= 3:
            return found


def conv(k: Maker) -> None:
    x, channels = k.image(), k.d.extent(40)
    w = _window(k, x, 5, True)
    options = {**w.options(), "fused_activation_function": k.activation()}
    shape = (channels, w.kernel_h, w.kernel_w, x.shape[3])
    _weighted(k, "CONV_2D", x, shape, 0, (1, w.output_h, w.output_w, channels), **options)


def depthwise(k: Maker) -> None:
    x = k.image()
    w = _window(k, x, 5, True)
    options = {**w.options(), "fused_activation_function": k.activation(), "depth_multiplier": 1}
    shape = (1, w.kernel_h, w.kernel_w, x.shape[3])
    outputs = (1, w.output_h, w.output_w, x.shape[3])
    _weighted(k, "DEPTHWISE_CONV_2D", x, shape, 3, outputs, **options)


def dense(k: Maker) -> None:
    x = k.tensor((k.d.pick((1, 1, 3)), k.d.extent(80)))
    units = k.d.extent(40)
    options = {"fused_activation_function": k.activation()}
    _weighted(k, "FULLY_CONNECTED", x, (units, x.shape[1]), 0, (x.shape[0], units), **options)


def transpose_conv(k: Maker) -> None:
    x, channels, stride = k.image(6, 6, 20), k.d.extent(20), k.d.pick((1, 2, 2))
    padding = k.d.pick(("SAME", "VALID"))
    kernel = k.d.integer(stride, 4), k.d.integer(stride, 4)
    size = [
        n * stride + (max(kern - stride, 0) if padding == "VALID" else 0)
        for n, kern in zip(x.shape[1:3], kernel, strict=True)
    ]
    outputs = (1, *size, channels)
    first = k.m.tensor((4,), "int32", data=outputs)
    shape = (channels, *kernel, x.shape[3])
    options = {"padding": padding, "stride_h": stride, "stride_w": stride}
    _weighted(k, "TRANSPOSE_CONV", x, shape, 0, outputs, (first,), **options)


def _pool(code: str) -> Callable[[Maker], None]:
    def make(k: Maker) -> None:
        x = k.image()
        w = _window(k, x, 5, False)
        y = k.tensor((1, w.output_h, w.output_w, x.shape[3]), x)
        options = {"padding": w.padding, "stride_h": w.stride_h, "stride_w": w.stride_w}
        options |= {"filter_height": w.kernel_h, "filter_width": w.kernel_w}
        k.m.op(code, [x], [y], fused_activation_function=k.activation(), **options)

    return make


def _binary(code: str, **options: object) -> Callable[[Maker], None]:
    def make(k: Maker) -> None:
        a = k.image(6, 6, 40)
        shape = [1 if k.d.chance(0.2) else n for n in a.shape]
        alike = code in ("MINIMUM", "MAXIMUM")
        if k.d.chance(0.2):
            data = k.d.rng.integers(-100, 100, shape)
            zero = a.zero_point if alike else 0
            scale = a.scale if alike else k.d.scale()
            b = k.m.tensor(shape, k.dtype, scale=scale, zero_point=zero, data=data)
        else:
            b = k.tensor(shape, a if alike or k.d.chance(0.3) else None)
        if code in ("MUL", "SQUARED_DIFFERENCE"):
            top = 32767 if k.dtype == "int16" else 127
            scale = float32(a.scale * b.scale * top * k.d.power(-1, 0))
            y = k.m.tensor(a.shape, k.dtype, scale=scale, zero_point=k.zero_point())
        elif alike:
            y = k.tensor(a.shape, a)
        else:
            scale = float32(max(a.scale, b.scale) * k.d.power(-0.5, 1.5))
            y = k.m.tensor(a.shape, k.dtype, scale=scale, zero_point=k.zero_point())
        pair = [a, b] if k.d.chance(0.6) else [b, a]
        more = (
            {}
            if alike or code == "SQUARED_DIFFERENCE"
            else {"fused_activation_function": k.activation()}
        )
        k.m.op(code, pair, [y], **more, **options)

    return make


def _unary(code: str, same: bool = False, **options: object) -> Callable[[Maker], None]:
    def make(k: Maker) -> None:
        x = k.image(6, 6, 40)
        k.m.op(code, [x], [k.tensor(x.shape, x if same else None)], **options)

    return make


def _bounded(
    code: str, wide: tuple[float, int], small: tuple[float, int]
) -> Callable[[Maker], None]:
    """Functions whose output has a scale and zero point of its own."""

    def make(k: Maker) -> None:
        softmax = code == "SOFTMAX"
        shape = (k.d.integer(1, 6), k.d.integer(2, 60)) if softmax else (1, *k.d.shape(3, 9))
        x = k.tensor(shape)
        scale, zero = wide if k.dtype == "int16" else small
        y = k.m.tensor(x.shape, k.dtype, scale=scale, zero_point=zero)
        k.m.op(code, [x], [y], **({"beta": 1.0} if softmax else {}))

    return make


def leaky(k: Maker) -> None:
    x = k.image(6, 6, 40)
    y = k.tensor(x.shape, x if k.d.chance(0.5) else None)
    k.m.op("LEAKY_RELU", [x], [y], alpha=k.d.pick((0.1, 0.3, 0.01)))


def prelu(k: Maker) -> None:
    x = k.image(6, 6, 40)
    alpha = k.m.tensor((1, 1, x.shape[3]), "int8", scale=0.01, data=k.d.int8((1, 1, x.shape[3])))
    k.m.op("PRELU", [x, alpha], [k.tensor(x.shape)])


def quantize(k: Maker) -> None:
    x = k.image(6, 6, 40)
    kind = k.d.pick(("int8", "int16"))
    y = k.m.tensor(x.shape, kind, scale=float32(x.scale * k.d.power(-2, 2)))
    k.m.op("QUANTIZE", [x], [y])


def _resize(code: str) -> Callable[[Maker], None]:
    def make(k: Maker) -> None:
        x, factor = k.image(6, 6, 20), k.d.pick((2, 2, 4))
        corners = k.d.chance(0.4)
        size = [(n - 1) * factor + 1 if corners else n * factor for n in x.shape[1:3]]
        target = k.m.tensor((2,), "int32", data=size)
        half = not corners and k.d.chance(0.4)
        y = k.tensor((1, *size, x.shape[3]), x)
        k.m.op(code, [x, target], [y], align_corners=corners, half_pixel_centers=half)

    return make


def mean(k: Maker) -> None:
    x = k.image()
    axes = k.d.pick(((1, 2), (2,), (1,), (3,)))
    keep = k.d.chance(0.5)
    shape = [1 if i in axes else n for i, n in enumerate(x.shape) if keep or i not in axes]
    scale = x.scale if k.d.chance(0.3) else float32(x.scale * k.d.power(-1, 0))
    y = k.m.tensor(shape, k.dtype, scale=scale, zero_point=k.zero_point())
    k.m.op("MEAN", [x, k.m.tensor((len(axes),), "int32", data=axes)], [y], keep_dims=keep)


def pad(k: Maker) -> None:
    x = k.image(6, 6, 40)
    sides = [(0, 0), *((k.d.integer(0, 3), k.d.integer(0, 3)) for _ in range(2)), (0, 0)]
    y = k.tensor([n + sum(s) for n, s in zip(x.shape, sides, strict=True)], x)
    k.m.op("PAD", [x, k.m.tensor((4, 2), "int32", data=sides)], [y])


def mirror_pad(k: Maker) -> None:
    x = k.tensor((1, k.d.integer(4, 7), k.d.integer(4, 7), k.d.extent(20)))
    sides = [(0, 0), *((k.d.integer(0, 2), k.d.integer(0, 2)) for _ in range(2)), (0, 0)]
    y = k.tensor([n + sum(s) for n, s in zip(x.shape, sides, strict=True)], x)
    kind = k.d.pick(("REFLECT", "SYMMETRIC"))
    k.m.op("MIRROR_PAD", [x, k.m.tensor((4, 2), "int32", data=sides)], [y], mode=kind)


def split(k: Maker) -> None:
    axis, parts = k.d.integer(1, 3), k.d.integer(2, 3)
    shape = [1, *(k.d.extent(6) * (parts if i == axis else 1) for i in (1, 2, 3))]
    x = k.tensor(shape)
    outputs = [
        k.tensor([n // parts if i == axis else n for i, n in enumerate(shape)], x)
        for _ in range(parts)
    ]
    k.m.op("SPLIT", [k.m.tensor((), "int32", data=axis), x], outputs, num_splits=parts)


def cut(k: Maker) -> None:
    x = k.image()
    begin = [k.d.integer(0, n - 1) for n in x.shape]
    size = [k.d.integer(1, n - b) for n, b in zip(x.shape, begin, strict=True)]
    where = [k.m.tensor((4,), "int32", data=v) for v in (begin, size)]
    k.m.op("SLICE", [x, *where], [k.tensor(size, x)])


def pack(k: Maker) -> None:
    x = k.tensor((k.d.extent(6), k.d.extent(20)))
    parts = [x, *(k.tensor(x.shape, x) for _ in range(k.d.integer(1, 3)))]
    axis = k.d.integer(0, 2)
    shape = list(x.shape)
    shape.insert(axis, len(parts))
    k.m.op("PACK", parts, [k.tensor(shape, x)], axis=axis, values_count=len(parts))


def concatenate(k: Maker) -> None:
    x, axis = k.image(6, 6, 20), k.d.integer(1, 3)
    parts = [x]
    for _ in range(k.d.integer(1, 3)):
        shape = [k.d.extent(20) if i == axis else n for i, n in enumerate(x.shape)]
        parts.append(k.tensor(shape, x))
    total = sum(part.shape[axis] for part in parts)
    y = k.tensor([total if i == axis else n for i, n in enumerate(x.shape)], x)
    k.m.op("CONCATENATION", parts, [y], axis=axis)


def arg_max(k: Maker) -> None:
    x = k.image(6, 6, 100)
    y = k.m.tensor(x.shape[:3], "int32")
    k.m.op("ARG_MAX", [x, k.m.tensor((1,), "int32", data=3)], [y], output_type="INT32")


def strided(k: Maker) -> None:
    x = k.image()
    begin = [0, *(k.d.integer(0, n - 1) for n in x.shape[1:])]
    end = [1, *(k.d.integer(b + 1, n) for b, n in zip(begin[1:], x.shape[1:], strict=True))]
    steps = [1, k.d.pick((1, 1, 2)), k.d.pick((1, 1, 2)), 1]
    where = [k.m.tensor((4,), "int32", data=v) for v in (begin, end, steps)]
    shape = [len(range(b, e, s)) for b, e, s in zip(begin, end, steps, strict=True)]
    k.m.op("STRIDED_SLICE", [x, *where], [k.tensor(shape, x)])


def transpose(k: Maker) -> None:
    x = k.image(6, 6, 20)
    order = k.d.pick(((0, 2, 1, 3), (0, 1, 3, 2), (0, 3, 2, 1)))
    y = k.tensor([x.shape[i] for i in order], x)
    k.m.op("TRANSPOSE", [x, k.m.tensor((4,), "int32", data=order)], [y])


MAKERS: dict[str, Callable[[Maker], None]] = {
    "ABS": _unary("ABS"),
    "ADD": _binary("ADD"),
    "ARG_MAX": arg_max,
    "AVERAGE_POOL_2D": _pool("AVERAGE_POOL_2D"),
    "CONCATENATION": concatenate,
    "CONV_2D": conv,
    "DEPTHWISE_CONV_2D": depthwise,
    "EXP": _unary("EXP"),
    "FULLY_CONNECTED": dense,
    "HARD_SWISH": _unary("HARD_SWISH"),
    "LEAKY_RELU": leaky,
    "LOGISTIC": _bounded("LOGISTIC", (1 / 32768, 0), (1 / 256, -128)),
    "MAXIMUM": _binary("MAXIMUM"),
    "MAX_POOL_2D": _pool("MAX_POOL_2D"),
    "MEAN": mean,
    "MINIMUM": _binary("MINIMUM"),
    "MIRROR_PAD": mirror_pad,
    "MUL": _binary("MUL"),
    "PACK": pack,
    "PAD": pad,
    "PRELU": prelu,
    "QUANTIZE": quantize,
    "RELU": _unary("RELU"),
    "RELU6": _unary("RELU6", same=True),
    "RESIZE_BILINEAR": _resize("RESIZE_BILINEAR"),
    "RESIZE_NEAREST_NEIGHBOR": _resize("RESIZE_NEAREST_NEIGHBOR"),
    "RSQRT": _unary("RSQRT"),
    "SLICE": cut,
    "SOFTMAX": _bounded("SOFTMAX", (1 / 32768, 0), (1 / 256, -128)),
    "SPLIT": split,
    "SQUARED_DIFFERENCE": _binary("SQUARED_DIFFERENCE"),
    "STRIDED_SLICE": strided,
    "SUB": _binary("SUB"),
    "TANH": _bounded("TANH", (1 / 32768, 0), (1 / 128, 0)),
    "TRANSPOSE": transpose,
    "TRANSPOSE_CONV": transpose_conv,
}


def op_model(code: str, dtype: str, rng: np.random.Generator) -> bytes:
    """A model of one op ``code`` on activations of ``dtype``, int8 or int16."""
    k = Maker(rng, dtype)
    MAKERS[code](k)
    return k.m.build()
