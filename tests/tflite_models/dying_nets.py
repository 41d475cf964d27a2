"""Nets whose weights kill channels."""

from __future__ import annotations

import numpy as np

from .builder import ModelBuilder, Tensor

Array = np.ndarray


def weights(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> Array:
    """int8 weights of which many channels along both ends are all zero, or nearly."""
    values = rng.integers(-127, 128, shape)
    values[rng.random(shape) < 0.2] = 0
    for end in {axis, len(shape) - 1}:
        dead = rng.random(shape[end]) < rng.choice([0.0, 0.4, 0.9])
        index = [slice(None)] * len(shape)
        index[end] = dead  # type: ignore[call-overload]
        values[tuple(index)] = 0
    return values.astype(np.int8)


class Net:
    """A chain with residual sums, pools and unary ops, whose weights kill channels."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.model = rng, ModelBuilder()
        self.channels = int(rng.integers(1, 12))
        self.side = int(rng.integers(3, 8))
        self.scale, self.zero = 0.05, int(rng.integers(-128, 128))
        self.x = self.activation()

    def activation(self) -> Tensor:
        """A new tensor of the present shape and quantization."""
        shape = (1, self.side, self.side, self.channels)
        return self.model.tensor(shape, scale=self.scale, zero_point=self.zero)

    def requantize(self) -> None:
        self.scale = float(self.rng.choice([0.02, 0.1, 0.7]))
        self.zero = int(self.rng.choice([-128, self.rng.integers(-128, 128)]))

    def bias(self, count: int, input_scale: float, w_scale: object) -> Tensor:
        """Often huge, so that a clamp makes channels constant."""
        size = self.rng.choice([0, 100, 40_000], count)
        data = (self.rng.integers(-100, 101, count) * size // 100).astype(np.int32)
        scales = np.atleast_1d(np.asarray(w_scale)) * input_scale
        return self.model.tensor((count,), "int32", scale=list(map(float, scales)), data=data)

    def options(self) -> dict[str, object]:
        return {
            "padding": str(self.rng.choice(["SAME", "VALID"])),
            "stride_h": 1,
            "stride_w": 1,
            "fused_activation_function": str(self.rng.choice(["NONE", "RELU", "RELU6"])),
        }

    def conv(self) -> None:
        size = int(self.rng.choice([1, 1, 3 if self.side >= 3 else 1]))
        outputs, input_scale = int(self.rng.integers(1, 14)), self.scale
        shape = (outputs, size, size, self.channels)
        scales = list(map(float, self.rng.uniform(0.001, 0.02, outputs)))
        w = self.model.tensor(shape, scale=scales, axis=0, data=weights(self.rng, shape, 0))
        b = self.bias(outputs, input_scale, scales) if self.rng.random() < 0.8 else None
        options = self.options()
        if options["padding"] == "VALID":
            self.side -= size - 1
        self.channels, source = outputs, self.x
        self.requantize()
        self.x = self.activation()
        self.model.op("CONV_2D", [source, w, *([b] if b else [])], [self.x], **options)

    def depthwise(self) -> None:
        size = 3 if self.side >= 3 else 1
        shape = (1, size, size, self.channels)
        scales = list(map(float, self.rng.uniform(0.005, 0.05, self.channels)))
        w = self.model.tensor(shape, scale=scales, axis=3, data=weights(self.rng, shape, 3))
        b = self.bias(self.channels, self.scale, scales)
        options = self.options()
        if options["padding"] == "VALID":
            self.side -= size - 1
        source = self.x
        self.requantize()
        self.x = self.activation()
        self.model.op("DEPTHWISE_CONV_2D", [source, w, b], [self.x], depth_multiplier=1, **options)

    def residual(self) -> None:
        """x + depthwise(x) of the same shape."""
        before, side = self.x, self.side
        self.depthwise()
        if self.side != side:
            return
        after = self.x
        self.requantize()
        self.x = self.activation()
        code = str(self.rng.choice(["ADD", "SUB"]))
        self.model.op(code, [before, after], [self.x], fused_activation_function="RELU")

    def unary(self) -> None:
        source = self.x
        code = str(self.rng.choice(["RELU", "RELU6", "QUANTIZE"]))
        self.requantize()
        self.x = self.activation()
        self.model.op(code, [source], [self.x])

    def pool(self) -> None:
        if self.side < 2:
            return
        source = self.x
        self.side -= 1
        self.x = self.activation()
        code = str(self.rng.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
        options = {**self.options(), "padding": "VALID", "filter_height": 2, "filter_width": 2}
        self.model.op(code, [source], [self.x], **options)

    def head(self) -> None:
        """Flatten each position and end in FULLY_CONNECTED, or end as it is."""
        if self.rng.random() < 0.5:
            return
        rows = self.side * self.side
        flat = self.model.tensor((rows, self.channels), scale=self.scale, zero_point=self.zero)
        self.model.op("RESHAPE", [self.x], [flat], new_shape=[rows, self.channels])
        shape = (5, self.channels)
        w = self.model.tensor(shape, scale=0.01, data=weights(self.rng, shape, 0))
        b = self.bias(5, self.scale, 0.01)
        y = self.model.tensor((rows, 5), scale=0.3, zero_point=4)
        self.model.op("FULLY_CONNECTED", [flat, w, b], [y])

    def build(self, ops: int) -> bytes:
        makers = (self.conv, self.conv, self.depthwise, self.residual, self.unary, self.pool)
        for _ in range(ops):
            makers[self.rng.integers(len(makers))]()
        self.head()
        return self.model.build()


def dying_net(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    return Net(rng).build(int(rng.integers(2, 9)))
