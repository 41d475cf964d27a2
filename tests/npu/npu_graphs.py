"""Random models of blocks as networks for an NPU have them: attention, gates, reductions beside
convolutions, parts that go different ways and meet again. Some ops only an NPU has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np

from tests.npu.npu_models import Maker
from tests.tflite_models import Tensor
from tests.tflite_models.draw import float32

USUAL = 74.0
"""The usual size of an int8 number, less its zero point."""


class Blocks(Maker):
    """Draws blocks on int8 images (1, h, w, c) and rows (1, n, c)."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__(rng, "int8")

    def ints(self, values: Sequence[int], scalar: bool = False) -> Tensor:
        return self.m.tensor(() if scalar else (len(values),), "int32", data=list(values))

    def seen_as(self, x: Tensor, shape: Sequence[int]) -> Tensor:
        y = self.tensor(shape, x)
        self.m.op("RESHAPE", [x, self.ints(shape)], [y], new_shape=list(shape))
        return y

    def turned(self, x: Tensor, order: Sequence[int]) -> Tensor:
        y = self.tensor([x.shape[i] for i in order], x)
        self.m.op("TRANSPOSE", [x, self.ints(order)], [y])
        return y

    def filling(self, shape: Sequence[int], real: float) -> Tensor:
        """An activation whose range numbers of the size ``real`` fill."""
        scale = float32(real / 45 * self.d.power(-0.5, 0.5))
        return self.m.tensor(shape, "int8", scale=scale, zero_point=self.d.integer(-30, 30))

    def dense(self, x: Tensor, units: int, activation: str = "NONE") -> Tensor:
        depth = x.shape[-1]
        scale = self.d.power(-9, -6)
        w = self.m.tensor((units, depth), scale=scale, data=self.d.int8((units, depth)))
        bias = self.d.rng.integers(-3000, 3000, units)
        b = self.m.tensor((units,), "int32", scale=float32(x.scale * w.scale), data=bias)
        y = self.filling((*x.shape[:-1], units), USUAL**2 * depth**0.5 * x.scale * scale)
        options = {"keep_num_dims": True, "fused_activation_function": activation}
        self.m.op("FULLY_CONNECTED", [x, w, b], [y], **options)
        return y

    def conv(self, x: Tensor, channels: int, kernel: int = 1, activation: str = "NONE") -> Tensor:
        shape = (channels, kernel, kernel, x.shape[3])
        scales = [self.d.power(-9, -7) for _ in range(channels)]
        w = self.m.tensor(shape, scale=scales, data=self.d.int8(shape))
        bias = self.d.rng.integers(-3000, 3000, channels)
        products = [float32(x.scale * s) for s in scales]
        b = self.m.tensor((channels,), "int32", scale=products, data=bias)
        real = USUAL**2 * (x.shape[3] * kernel**2) ** 0.5 * x.scale * scales[0]
        y = self.filling((*x.shape[:3], channels), real)
        options = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
        options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
        self.m.op("CONV_2D", [x, w, b], [y], fused_activation_function=activation, **options)
        return y

    def product(self, a: Tensor, b: Tensor, turned: bool, real: float) -> Tensor:
        columns = b.shape[-2] if turned else b.shape[-1]
        y = self.filling((*a.shape[:-1], columns), real)
        self.m.op("BATCH_MATMUL", [a, b], [y], adj_x=False, adj_y=turned)
        return y

    def combined(self, code: str, a: Tensor, b: Tensor, real: float) -> Tensor:
        y = self.filling(np.broadcast_shapes(a.shape, b.shape), real)
        self.m.op(code, [a, b], [y], fused_activation_function="NONE")
        return y

    def shares(self, x: Tensor) -> Tensor:
        y = self.m.tensor(x.shape, scale=1 / 256, zero_point=-128)
        self.m.op("SOFTMAX", [x], [y], beta=1.0)
        return y

    def same(self, x: Tensor, y: Tensor) -> Tensor:
        """``x`` with the quantization of ``y``."""
        z = self.tensor(x.shape, y)
        self.m.op("QUANTIZE", [x], [z])
        return z

    def joined(self, parts: Sequence[Tensor], axis: int) -> Tensor:
        along = sum(part.shape[axis] for part in parts)
        shape = [along if i == axis else n for i, n in enumerate(parts[0].shape)]
        y = self.tensor(shape, parts[0])
        self.m.op("CONCATENATION", list(parts), [y], axis=axis, fused_activation_function="NONE")
        return y

    def parted(self, x: Tensor, count: int, axis: int) -> list[Tensor]:
        shape = [n // count if i == axis else n for i, n in enumerate(x.shape)]
        parts = [self.tensor(shape, x) for _ in range(count)]
        self.m.op("SPLIT", [self.ints([axis], scalar=True), x], parts, num_splits=count)
        return parts

    def reduced(self, code: str, x: Tensor, axes: Sequence[int], keep: bool = True) -> Tensor:
        shape = [1 if i in axes else n for i, n in enumerate(x.shape) if keep or i not in axes]
        y = self.tensor(shape, x)
        self.m.op(code, [x, self.ints(axes)], [y], keep_dims=keep)
        return y


def attention(k: Blocks, x: Tensor) -> Tensor:
    """Of one or more heads over the pixels, with what it was given added."""
    height, width, channels = x.shape[1:]
    rows = k.seen_as(x, (1, height * width, channels))
    heads, depth = k.d.pick((1, 2, 2)), k.d.pick((4, 8))
    if k.d.chance(0.4):
        three = k.parted(k.dense(rows, 3 * heads * depth), 3, 2)
    else:
        three = [k.dense(rows, heads * depth) for _ in range(3)]
    q, keys, values = (
        k.turned(k.seen_as(t, (1, rows.shape[1], heads, depth)), (0, 2, 1, 3)) for t in three
    )
    logits = k.product(q, keys, True, USUAL**2 * depth**0.5 * q.scale * keys.scale)
    if k.d.chance(0.6):
        factor = k.m.tensor((1,), scale=0.01, data=[k.d.integer(20, 100)])
        logits = k.combined("MUL", logits, factor, USUAL * 0.6 * logits.scale)
    seen = k.product(k.shares(logits), values, False, 30 * values.scale)
    back = k.seen_as(k.turned(seen, (0, 2, 1, 3)), (1, rows.shape[1], heads * depth))
    out = k.dense(back, channels)
    if k.d.chance(0.7):
        out = k.combined("ADD", rows, out, USUAL * (rows.scale + out.scale))
    return k.seen_as(out, x.shape)


def gate(k: Blocks, x: Tensor) -> Tensor:
    """Squeeze and excite."""
    mean = k.reduced("MEAN", x, (1, 2))
    small = k.conv(mean, k.d.integer(1, 8), activation="RELU")
    full = k.conv(small, x.shape[3])
    y = k.m.tensor(full.shape, scale=1 / 256, zero_point=-128)
    k.m.op("LOGISTIC", [full], [y])
    return k.combined("MUL", x, y, 0.5 * USUAL * x.scale)


def spatial(k: Blocks, x: Tensor) -> Tensor:
    """Reductions over channels beside one another, or beside a convolution."""
    code = k.d.pick(("REDUCE_MAX", "REDUCE_MAX", "REDUCE_MIN", "MEAN"))
    one = k.reduced(code, x, (3,))
    others = [k.conv(x, k.d.integer(1, 4)) for _ in range(k.d.integer(0, 2))]
    if not others or k.d.chance(0.4):
        others.append(k.reduced("MEAN", x, (3,)))
    parts = [one, *(k.same(t, one) for t in others)]
    order = k.d.rng.permutation(len(parts))
    return k.conv(k.joined([parts[i] for i in order], 3), k.d.pick((4, 8)))


def ways(k: Blocks, x: Tensor) -> Tensor:
    """Channels that go different ways, and meet."""
    if x.shape[3] % 2:
        return k.conv(x, 8, 3, "RELU")
    one, two = k.parted(x, 2, 3)
    first = k.conv(one, k.d.pick((4, 8)), k.d.pick((1, 3)), k.d.pick(("NONE", "RELU")))
    second = k.same(two, first)
    parts = [first, second] if k.d.chance(0.5) else [second, first]
    return k.joined(parts, 3)


def pyramid(k: Blocks, x: Tensor) -> Tensor:
    """Something twice as large, made smaller again beside what it was."""
    height, width, channels = x.shape[1:]
    if height * width > 64:
        return gate(k, x)
    y = k.tensor((1, 2 * height, 2 * width, channels), x)
    size = k.ints((2 * height, 2 * width))
    k.m.op("RESIZE_NEAREST_NEIGHBOR", [x, size], [y], half_pixel_centers=k.d.chance(0.5))
    found = k.conv(y, channels, 3)
    small = k.tensor(x.shape, found)
    window = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
    code = k.d.pick(("MAX_POOL_2D", "AVERAGE_POOL_2D"))
    k.m.op(code, [found], [small], padding="VALID", **window)
    return k.combined("ADD", x, small, USUAL * (x.scale + small.scale))


def stacked(k: Blocks, x: Tensor) -> Tensor:
    """Things of one shape along a new axis, the greatest of them kept."""
    one = k.conv(x, x.shape[3])
    two = k.same(x, one)
    y = k.tensor((2, *x.shape[1:]), one)
    k.m.op("PACK", [k.seen_as(t, x.shape[1:]) for t in (one, two)], [y], axis=0, values_count=2)
    return k.reduced("REDUCE_MAX", y, (0,))


BLOCKS: dict[str, Callable[[Blocks, Tensor], Tensor]] = {
    "attention": attention,
    "gate": gate,
    "pyramid": pyramid,
    "spatial": spatial,
    "stacked": stacked,
    "ways": ways,
}


def block_model(rng: np.random.Generator, names: Sequence[str] = ()) -> bytes:
    """A model of the blocks named, or of one to three random ones, one with attention in two."""
    k = Blocks(rng)
    if not names:
        names = [k.d.pick(sorted(BLOCKS)) for _ in range(k.d.integer(1, 3))]
        names += ["attention"] * k.d.chance(0.4)
    x = k.tensor((1, k.d.integer(3, 6), k.d.integer(3, 6), k.d.pick((4, 8, 8, 16))))
    y = x
    for name in names:
        y = BLOCKS[name](k, y)
    if k.d.chance(0.3):
        y = k.shares(k.dense(k.seen_as(y, (1, prod(y.shape))), 5))
    return k.m.build(inputs=[x])
