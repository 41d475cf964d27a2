"""What the cases of ops with constant int8 weights share: weights, bias, 32-bit sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .builder import ModelBuilder, Tensor
from .cases import Refused, Run, run_of
from .draw import Draw, float32
from .hand_made import T, convolution, one_op
from .windows import refused_windows

MOST_MACS = 30_000


def append_weighted(
    m: ModelBuilder,
    d: Draw,
    code: str,
    x: Tensor,
    weights_shape: tuple[int, ...],
    axis: int,
    outputs: tuple[int, ...],
    options: dict[str, object],
    before: tuple[Tensor, ...] | None = None,
) -> Tensor:
    """Append the op with random weights (channels along ``axis``), bias, scales and activation.

    ``before`` are inputs of a transposed convolution that come before the weights and the image.

    Sums of an int16 op have 64 bits, or 32 by the type of the bias or by an option.
    """
    if x.dtype == "float32":
        return _append_float(m, d, code, x, weights_shape, outputs, options, before)
    channels = weights_shape[axis]
    values = d.int8(weights_shape)
    wide = x.dtype == "int16"
    taps = np.moveaxis(values, axis, 0).reshape(channels, -1).astype(np.int64)
    step = 19_000 if wide else 74  # what an input usually is
    usual = step * max(1.0, float(np.sqrt((taps**2).sum(axis=1).max())))
    bias_values = _draw_bias(d, channels, usual)
    reach = int((np.abs(taps).sum(axis=1) * (1 << 15 if wide else 255)).max())
    reach += int(np.abs(bias_values).max())
    multiplier = d.power(-34, 8) if d.wild() else (9_500 if wide else 40) / usual * d.power(-1, 1)
    # sums must survive the left shift and the zero point in 32 bits, or the reference overflows
    multiplier = min(multiplier, 2.0**29 / max(reach, 1))
    if wide:
        multiplier = min(multiplier, 100.0)  # what sums of 64 bits are multiplied by is below 2**7
    narrow = wide and code in ("CONV_2D", "FULLY_CONNECTED") and reach < 1 << 31 and d.chance(0.4)

    y = m.tensor(outputs, x.dtype, scale=d.scale(), zero_point=d.zero_point(x.dtype))
    base = multiplier * y.scale / (x.scale or 1.0)
    scales = [float32(base)]
    if d.chance(0.7):
        scales = [float32(base * d.power(-3, 0)) for _ in range(channels)]
        if d.wild():
            scales[0] = float32(base * 2.0**-30)
    weights = m.tensor(weights_shape, scale=scales, axis=axis, data=values)

    inputs: list[Tensor | None] = [x, weights] if before is None else [*before, weights, x]
    if np.any(bias_values) or d.chance(0.2):
        bias_scales = [float32(x.scale * s) for s in scales]
        kind = "int64" if wide and not narrow else "int32"
        if kind == "int64" and d.wild():
            bias_values = bias_values << d.integer(0, 16)  # sums of more than 32 bits
        inputs.append(m.tensor((channels,), kind, scale=bias_scales, data=bias_values))
    elif code in ("CONV_2D", "FULLY_CONNECTED") and d.chance(0.5):
        inputs.append(None)  # TFLM follows a null pointer in a depthwise convolution's Prepare
    if narrow:
        options = {**options, "quantized_bias_type": "INT32"}
    m.op(code, inputs, [y], fused_activation_function=d.activation(y.scale), **options)
    return y


def _append_float(
    m: ModelBuilder,
    d: Draw,
    code: str,
    x: Tensor,
    weights_shape: tuple[int, ...],
    outputs: tuple[int, ...],
    options: dict[str, object],
    before: tuple[Tensor, ...] | None,
) -> Tensor:
    """The op on floats, with constant weights, and a bias or none."""
    weights = m.tensor(weights_shape, x.dtype, data=d.rng.normal(size=weights_shape))
    inputs: list[Tensor | None] = [x, weights] if before is None else [*before, weights, x]
    if d.chance(0.7):
        bias = d.rng.normal(size=outputs[-1])
        inputs.append(m.tensor(bias.shape, x.dtype, data=bias))
    elif code in ("CONV_2D", "FULLY_CONNECTED") and d.chance(0.5):
        inputs.append(None)
    y = m.tensor(outputs, x.dtype)
    m.op(code, inputs, [y], fused_activation_function=d.activation(1.0), **options)
    return y


def _draw_bias(d: Draw, channels: int, usual: float) -> np.ndarray:
    """int32 bias: none (zeros), of the size of ``usual`` sums, or huge."""
    kind = d.integer(0, 9)
    if kind < 3:
        return np.zeros(channels, np.int64)
    bound = 2 ** d.integer(20, 28) if kind == 9 and not d.tame else int(usual)
    return d.rng.integers(-bound, bound + 1, channels)


def int4_weights(code: str, sizes: Sequence[tuple[int, ...]], axis: int) -> Iterator[Run]:
    """Ops with int4 weights of ``sizes``: an odd number of elements, and rows that begin inside a
    byte. TFLM takes those of FULLY_CONNECTED with one scale alone."""
    rng = np.random.default_rng(6)
    for number, shape in enumerate(sizes):
        m = ModelBuilder()
        channels = shape[axis]
        dense = code == "FULLY_CONNECTED"
        scales = 0.02 if dense or number % 2 else rng.uniform(0.01, 0.03, channels)
        x = m.tensor((2, shape[1]) if dense else (1, 5, 4, 3), scale=0.05, zero_point=-7)
        w = m.tensor(shape, "int4", scale=scales, axis=axis, data=rng.integers(-8, 8, shape))
        bias = m.tensor((channels,), "int32", scale=float32(0.05 * 0.02), data=[number] * channels)
        outputs = (2, channels) if dense else (1, 5, 4, channels)
        y = m.tensor(outputs, scale=0.04, zero_point=3)
        options = {} if dense else {"stride_h": 1, "stride_w": 1, "padding": "SAME"}
        more = {"depth_multiplier": channels // 3} if code == "DEPTHWISE_CONV_2D" else {}
        m.op(code, [x, w, bias], [y], **options, **more)
        yield run_of(m.build(), number)


def weights_of_other_ops(
    code: str, shapes: Sequence[tuple[int, ...]], axis: int, **options: object
) -> Iterator[Run]:
    """Ops whose weights, or whose bias, or both are inputs of the model: extremes and any.

    ``shapes`` are those of input, weights and output. Of FULLY_CONNECTED also with a zero point,
    which its constant weights may have, too.
    """
    rng = np.random.default_rng(8)
    image, taps, outputs = shapes
    channels, dense = taps[axis], code == "FULLY_CONNECTED"
    for turn in range(24):
        computed, with_bias = (turn % 2 == 0, turn % 3 > 0)
        scales = 0.03 if turn % 4 < 2 else rng.uniform(0.01, 0.04, channels)
        x = rng.integers(-128, 128, image).astype(np.int8)
        w = (np.full(taps, -128) if turn == 4 else rng.integers(-128, 128, taps)).astype(np.int8)
        bias = rng.integers(-9999, 9999, channels).astype(np.int32)
        if turn == 8:
            bias[:] = np.where(rng.random(channels) < 0.5, -(2**31), 2**31 - 1)
        m = ModelBuilder()
        zero_point = 9 if dense and turn % 4 == 0 else 0
        a = m.tensor(image, scale=0.02, zero_point=-5)
        b = m.tensor(
            taps, scale=scales, axis=axis, zero_point=zero_point, data=None if computed else w
        )
        operands, given = [a, b], [x, w] if computed else [x]
        if with_bias:
            constant = computed and turn != 8
            kept = bias if constant else None
            products = float32(0.02) * np.atleast_1d(scales)
            operands.append(m.tensor((channels,), "int32", scale=products, data=kept))
            given += [] if constant else [bias]
        y = m.tensor(outputs, scale=0.3 if turn % 5 else 9.0, zero_point=4)
        m.op(code, operands, [y], **options)
        yield m.build(), given


def sums_at_the_ends(code: str, **options: object) -> Iterator[tuple[bytes, list, np.ndarray]]:
    """``Cases.left_open`` of convolutions: sums near 2**31 saturate, where TFLM's wrap."""
    for sign in (-1, 1):
        for zero_point in (-128, -1, 127):
            model = convolution(
                (1, 1, 1, 1),
                np.zeros((1, 1, 1, 1), np.int8),
                (1, 1, 1, 1),
                bias=[sign * ((1 << 31) - 1)],
                scales=(1.0, 0.999999, 1.0),
                zero_points=(0, zero_point),
                code=code,
                **options,
            )
            y = np.full((1, 1, 1, 1), 127 if sign > 0 else -128, np.int8)
            yield model, [np.ones((1, 1, 1, 1), np.int8)], y


def still_channels(
    code: str, shapes: Sequence[tuple[int, ...]], axis: int, **options: object
) -> Iterator[Run]:
    """Ops some of whose channels have a scale so small that the output is the zero point, with the
    largest bias that there is: what the converter makes of channels that training switched off.

    ``shapes`` are those of input, weights and output. Some have a scale of 0 instead, which the
    converter gives to weights that are all 0, for int8 and int16.
    """
    rng = np.random.default_rng(9)
    image, taps, outputs = shapes
    for turn in range(8):
        yield _zero_scales(code, shapes, axis, turn, options)
        m = ModelBuilder()
        scales = rng.uniform(0.002, 0.01, taps[axis])
        bias = rng.integers(-9000, 9000, taps[axis])
        still = rng.random(taps[axis]) < 0.6
        scales[still] = 10.0 ** -rng.uniform(12, 22, still.sum())
        bias[still] = rng.choice([1 - (1 << 31), (1 << 31) - 1], still.sum())
        x = m.tensor(image, scale=0.05, zero_point=-100)
        w = m.tensor(taps, scale=scales, axis=axis, data=rng.integers(-128, 128, taps))
        b = m.tensor(bias.shape, "int32", scale=[float32(s * 0.05) for s in scales], data=bias)
        y = m.tensor(outputs, scale=0.3, zero_point=-9)
        activation = ("NONE", "RELU")[turn % 2]
        m.op(code, [x, w, b], [y], fused_activation_function=activation, **options)
        yield run_of(m.build(), turn)


def _zero_scales(
    code: str, shapes: Sequence[tuple[int, ...]], axis: int, turn: int, options: dict[str, object]
) -> Run:
    """An op of which some channels, or in two turns all, have a scale of 0; their weights are 0 in
    every other turn, and their biases anything."""
    rng = np.random.default_rng(turn)
    image, taps, outputs = shapes
    wide, m = turn % 2 > 0, ModelBuilder()
    dtype, zero_point = ("int16", 0) if wide else ("int8", -100)
    scales, values = rng.uniform(0.002, 0.01, taps[axis]), rng.integers(-128, 128, taps)
    still = np.arange(taps[axis]) % 2 == 0
    scales[still] = 0
    if turn % 4 < 2:
        np.moveaxis(values, axis, 0)[still] = 0
    if turn > 5:
        scales = np.zeros(1)
    bias = rng.integers(-9000, 9000, taps[axis])
    x = m.tensor(image, dtype, scale=0.05, zero_point=zero_point)
    w = m.tensor(taps, scale=scales, axis=axis, data=values)
    products = [float32(scale * 0.05) for scale in scales]
    b = m.tensor(bias.shape, "int64" if wide else "int32", scale=products, data=bias)
    y = m.tensor(outputs, dtype, scale=0.3, zero_point=0 if wide else -9)
    m.op(code, [x, w, b], [y], **options)
    return run_of(m.build(), turn)


def four_taps_apart(code: str, dilation: int) -> bytes:
    """A convolution of five columns, whose four taps are ``dilation`` apart."""
    options: dict[str, object] = {} if code == "CONV_2D" else {"depth_multiplier": 1}
    options |= {"padding": "SAME", "dilation_w_factor": dilation}
    weights = np.array([9, -7, 80, 3]).reshape(1, 1, 4, 1)
    return convolution((1, 1, 5, 1), weights, (1, 1, 5, 1), code=code, bias=[100], **options)


def refused_convolutions(code: str, **options: object) -> Iterator[Refused]:
    """What both kinds of convolution refuse: 2 input channels, 3 x 3 taps, 4 outputs."""
    axis = 0 if code == "CONV_2D" else 3
    shape = (4, 3, 3, 2) if code == "CONV_2D" else (1, 3, 3, 4)

    def made(**changes: object) -> bytes:
        changed = {"code": code, **options, **changes}
        return convolution((1, 4, 4, 2), np.ones(shape), (1, 4, 4, 4), **changed)

    yield from refused_windows(lambda **changes: made(**changes))
    yield Refused("dilation_w is 1048576", made(dilation_w_factor=1 << 20))
    yield Refused("begins 32769 positions", four_taps_apart(code, 21846))
    yield Refused("dilation_h is 0", made(dilation_h_factor=0))
    yield Refused("2 elements, expected 4", made(bias=[1, 2]))
    largest = [1 << 30, (1 << 31) - 1, 0, 0]
    yield Refused("sum of channel 1 can reach", made(bias=largest))
    yield Refused("multiplies by", made(scales=(1e9, 1e9, 1e-9)))
    yield from refused_weights(code, shape, axis, **options)
    yield from refused_int16(code, shape, **options)


def refused_int16(code: str, shape: tuple[int, ...], **options: object) -> Iterator[Refused]:
    """What int16 ops with int8 weights of ``shape`` refuse: zero points, and sums too large."""
    outputs = (1, 4, 4, 4) if len(shape) == 4 else (1, 4)
    inputs = (1, 4, 4, 2) if len(shape) == 4 else (1, shape[1])
    wide = {"stride_h": 1, "stride_w": 1} if len(shape) == 4 else {}

    def made(bias: int, zero_points: tuple[int, int] = (0, 0), scale: float = 0.1) -> bytes:
        x, y = (
            T(sizes, "int16", 0.1, zero_point)
            for sizes, zero_point in zip((inputs, outputs), zero_points, strict=True)
        )
        w = T(shape, scale=scale, data=np.ones(shape))
        m = ModelBuilder()
        operands = [x.add(m), w.add(m)]
        operands.append(m.tensor((4,), "int64", scale=0.1 * scale, data=[0, bias, 0, 0]))
        m.op(code, operands, [y.add(m)], **wide, **options)
        return m.build()

    for zero_points in ((1, 0), (0, 1)):
        yield Refused("int16 with a zero point other than 0", made(0, zero_points))
    yield Refused("a 64-bit accumulator holds", made(1 << 47))
    yield Refused("a 64-bit accumulator holds", made(-(1 << 63)))
    yield Refused("more than the 2**7", made(0, scale=128.0))


def refused_weights(
    code: str, shape: tuple[int, ...], axis: int, **options: object
) -> Iterator[Refused]:
    """Weights of ``shape`` that are no int8 constants with scales along ``axis``."""
    wide = {"stride_h": 1, "stride_w": 1, **options}
    x, y = T((1, 4, 4, 2), scale=0.1), T((1, 4, 4, 4), scale=0.1)

    def made(w: T) -> bytes:
        return one_op(code, (x, w), y, **wide)

    ones = np.ones(shape)
    int16 = T(shape, "int16", 0.1, data=ones)
    yield Refused("supports int8 here, but tensor 1 is int16", made(int16))
    yield Refused("not quantized", made(T(shape, scale=None, data=ones)))
    yield Refused("zero point other than 0", made(T(shape, scale=0.1, zero_point=3, data=ones)))
    other = 3 - axis
    scales = tuple(0.1 * n for n in range(1, shape[other] + 1))
    across = T(shape, scale=scales if len(scales) > 1 else (0.1, 0.2), data=ones, axis=other)
    if len(scales) > 1:
        yield Refused(f"scales along axis {other}, expected 1 or 4 along", made(across))
