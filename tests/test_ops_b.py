"""Element-wise, averaging and data-moving operators, bit for bit against TFLM."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from tflite_models import ModelBuilder, Tensor, random_inputs, random_op_model
from tflm import Run, assert_as_tflm

from fwgen.ops import operators

PAIRS = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM")
RENAMES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
CODES = (*PAIRS, *RENAMES, "PAD", "CONCATENATION", "MEAN", "TRANSPOSE", "STRIDED_SLICE")
RANDOM_MODELS = 300


def bytes_for(model: bytes, seed: int = 1) -> Run:
    """``model`` with random inputs."""
    return model, random_inputs(model, np.random.default_rng(seed))


@pytest.mark.parametrize("code", CODES)
def test_random_models(code: str) -> None:
    runs = []
    for seed in range(RANDOM_MODELS):
        rng = np.random.default_rng(seed)
        model = random_op_model(code, rng)
        runs.append((model, random_inputs(model, rng)))
    assert_as_tflm(runs)


# Element-wise operators


def pair(
    code: str,
    shapes: Sequence[Sequence[int]],
    scales: Sequence[float] = (0.5, 0.25, 1.0),
    zero_points: Sequence[int] = (3, -7, 11),
    **options: object,
) -> bytes:
    """One element-wise op: shapes of the inputs, scales and zero points of inputs and output."""
    m = ModelBuilder()
    a, b, y = (
        m.tensor(shape, scale=scale, zero_point=zero_point)
        for shape, scale, zero_point in zip(
            (*shapes, np.broadcast_shapes(*map(tuple, shapes))), scales, zero_points, strict=True
        )
    )
    m.op(code, [a, b], [y], **options)
    return m.build()


BYTES = np.arange(-128, 128, dtype=np.int8)
EVERY_PAIR = (BYTES.reshape(256, 1), BYTES.reshape(1, 256))
QUANTIZATIONS = (
    ((0.1, 0.1, 0.1), (0, 0, 0)),
    ((0.1, 0.1, 0.2), (-128, -128, -128)),
    ((0.02, 0.7, 0.3), (127, -128, 5)),
    ((0.7, 0.02, 0.31), (-128, 127, 127)),
    ((0.123, 0.0456, 0.0789), (-1, 17, -33)),
    ((3e-5, 2e-5, 1e-5), (4, -4, 0)),
    ((1.0, 1e-6, 0.5), (1, 2, 3)),
    ((1e-9, 1.0, 2.0), (-100, 100, 50)),
    ((8.0, 8.0, 8.0 / 2**18), (0, 1, -128)),
    ((0.5, 0.5, 1e6), (9, -9, 127)),
    ((1e-38, 1e38, 2e38), (1, 0, 0)),
    ((3e38, 0.5, 3e38), (1, 2, -3)),
)
TIES = {
    "ADD": ((0.7, 2.1, 25.2), (0.863, 4.315, 43.15)),
    "SUB": ((0.2, 0.2, 1.2), (0.173, 0.692, 4.152)),
    "MUL": ((0.1, 0.6, 0.096), (0.86, 0.44, 8.0725333)),
}
"""Scales that put many results near a tie, so that float32 and double multipliers give others."""


@pytest.mark.parametrize("code", PAIRS)
def test_every_pair_of_bytes(code: str) -> None:
    runs = []
    for index, (scales, zero_points) in enumerate(QUANTIZATIONS):
        activation = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")[index % 4]
        options = (
            {} if code in ("MINIMUM", "MAXIMUM") else {"fused_activation_function": activation}
        )
        runs.append((pair(code, ((256, 1), (1, 256)), scales, zero_points, **options), EVERY_PAIR))
    assert_as_tflm(runs)


@pytest.mark.parametrize("code", TIES)
def test_multipliers_have_the_precision_of_tflm(code: str) -> None:
    runs = [
        (pair(code, ((256, 1), (1, 256)), scales, (0, 0, 0)), EVERY_PAIR) for scales in TIES[code]
    ]
    assert_as_tflm(runs)


def test_products_wrap_at_32_bits_as_in_tflm() -> None:
    powers = (14.5, 15.25, 16.0, 20.1, 23.9, 27.0, 29.99)
    assert_as_tflm(
        [
            (pair("MUL", ((256, 1), (1, 256)), (1.0, 1.0, 2.0**-power), (3, -7, 11)), EVERY_PAIR)
            for power in powers
        ]
    )


SHAPES = (
    ((), ()),
    ((), (3, 1, 2)),
    ((1,), (1, 1, 1, 1)),
    ((5,), (1, 5)),
    ((2, 1, 3, 1, 2, 1), (1, 3, 1, 2, 1, 3)),
    ((1, 3, 1, 2, 1, 3), (2, 1, 3, 1, 2, 1)),
    ((2, 3, 1, 1, 2, 3), (2, 3, 2, 3, 2, 3)),
    ((4, 5, 6), (5, 1)),
    ((4, 5, 6), (4, 1, 6)),
    ((4, 1, 6), (1, 5, 6)),
    ((1, 8, 8, 3), (1, 1, 1, 3)),
)


@pytest.mark.parametrize("code", PAIRS)
def test_broadcasting(code: str) -> None:
    pairs = [*SHAPES, *((b, a) for a, b in SHAPES)]
    assert_as_tflm([bytes_for(pair(code, shapes), seed) for seed, shapes in enumerate(pairs)])


# MEAN


def mean(
    shape: Sequence[int],
    axes: Sequence[int],
    keep_dims: bool = False,
    scales: tuple[float, float] = (0.1, 0.07),
    zero_points: tuple[int, int] = (-5, 9),
) -> bytes:
    m = ModelBuilder()
    averaged = {axis % len(shape) for axis in axes}
    kept = [
        1 if axis in averaged else size
        for axis, size in enumerate(shape)
        if keep_dims or axis not in averaged
    ]
    x = m.tensor(shape, scale=scales[0], zero_point=zero_points[0])
    table = m.tensor((len(axes),), "int32", data=axes)
    y = m.tensor(kept, scale=scales[1], zero_point=zero_points[1])
    m.op("MEAN", [x, table], [y], keep_dims=keep_dims)
    return m.build()


def test_mean_over_any_axes() -> None:
    subsets = [
        axes
        for rank in (1, 3, 4, 6)
        for count in range(1, rank + 1)
        for axes in itertools.combinations(range(rank), count)
    ]
    shapes = {1: (7,), 3: (3, 1, 5), 4: (2, 5, 4, 3), 6: (2, 3, 2, 1, 3, 2)}
    models = [
        mean(shapes[rank], axes, keep_dims)
        for keep_dims in (False, True)
        for axes in subsets
        for rank in shapes
        if rank == min(r for r in shapes if r > axes[-1])
    ]
    models += [mean((2, 5, 4, 3), axes) for axes in ((2, 1), (-2, -3), (1, 1, -3), (0, -1, 3))]
    assert_as_tflm([bytes_for(model, seed) for seed, model in enumerate(models)])


def test_mean_of_extremes() -> None:
    ratios = (2.0**-33, 2.0**-31, 2.0**-20, 1.0, 1.5, 2.0**10, 2.0**25, 2.0**29.5)
    runs = []
    for ratio, size, zero_point in itertools.product(ratios, (1, 2, 63, 64, 4096), (-128, 127)):
        scales = float(np.float32(0.5)), float(np.float32(0.5 / ratio))
        model = mean((size, 3), (0,), False, scales, (zero_point, -zero_point - 1))
        low_high = np.full((size, 3), [-128, 127, 0], np.int8)
        low_high[0, 2] = -zero_point - 1
        runs.append((model, [low_high]))
    assert_as_tflm(runs)


def test_division_by_the_number_of_elements_truncates() -> None:
    # 7/8/5 is 0.7/4: multiples of 5 lie on a tie that truncation moves
    assert_as_tflm([bytes_for(mean((5, 4000), (0,), False, (0.875, 1.0), (0, 0)), seed=9)])


# Data movement


def like(m: ModelBuilder, x: Tensor, shape: Sequence[int]) -> Tensor:
    """A tensor of ``shape`` with the element type and quantization of ``x``."""
    if x.dtype != "int8":
        return m.tensor(shape, x.dtype)
    return m.tensor(shape, x.dtype, scale=x.scale, zero_point=x.zero_point)


def source(m: ModelBuilder, shape: Sequence[int], dtype: str = "int8") -> Tensor:
    """An input of the model; float32 comes from an int8 one, as models do not take it else."""
    if dtype == "int8":
        return m.tensor(shape, scale=0.5, zero_point=-3)
    x = m.tensor(shape, dtype)
    if dtype == "float32":
        m.op("DEQUANTIZE", [source(m, shape)], [x])
    return x


def ints(m: ModelBuilder, values: Sequence[int]) -> Tensor:
    return m.tensor((len(values),), "int32", data=values)


def transpose(shape: Sequence[int], order: Sequence[int], dtype: str = "int8") -> bytes:
    m = ModelBuilder()
    x = source(m, shape, dtype)
    m.op("TRANSPOSE", [x, ints(m, order)], [like(m, x, [shape[d] for d in order])])
    return m.build()


def test_every_transpose() -> None:
    models = [
        transpose(shape, order)
        for shape in ((2, 3, 4, 5), (2, 1, 3), (2, 3), (4,))
        for order in itertools.permutations(range(len(shape)))
    ]
    models += [
        transpose((2, 3, 1, 4, 3), order, dtype)
        for order, dtype in zip(
            itertools.permutations(range(5)),
            itertools.cycle(("int8", "int16", "float32")),
            strict=False,
        )
    ]
    assert_as_tflm([bytes_for(model, seed) for seed, model in enumerate(models)])


def pad(shape: Sequence[int], paddings: Sequence[Sequence[int]], dtype: str = "int8") -> bytes:
    m = ModelBuilder()
    x = source(m, shape, dtype)
    table = m.tensor((len(shape), 2), "int32", data=paddings)
    padded = [sum(sides, size) for size, sides in zip(shape, paddings, strict=True)]
    m.op("PAD", [x, table], [like(m, x, padded)])
    return m.build()


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "float32"])
def test_pad(dtype: str) -> None:
    cases = (
        ((3,), [(2, 1)]),
        ((2, 3), [(0, 0), (0, 0)]),
        ((2, 3, 4), [(0, 2), (1, 0), (0, 0)]),
        ((1, 4, 4, 3), [(0, 0), (1, 1), (1, 1), (0, 0)]),
        ((1, 4, 4, 3), [(1, 0), (0, 1), (1, 0), (0, 2)]),
        ((2, 1, 2, 1, 2), [(1, 1), (1, 2), (2, 1), (1, 1), (3, 1)]),
    )
    assert_as_tflm([bytes_for(pad(*case, dtype), seed) for seed, case in enumerate(cases)])


def test_pad_moves_raw_values_and_fills_with_the_zero_point_of_the_output() -> None:
    models = []
    for dtype, zero_points in (("int8", (4, -9)), ("int16", (0, 0)), ("int16", (5, 6))):
        m = ModelBuilder()
        x = m.tensor((2, 3), dtype, scale=0.5, zero_point=zero_points[0])
        y = m.tensor((4, 5), dtype, scale=0.25, zero_point=zero_points[1])
        m.op("PAD", [x, m.tensor((2, 2), "int32", data=((1, 1), (2, 0)))], [y])
        models.append(m.build())
    assert_as_tflm([bytes_for(model) for model in models])


def concatenation(shapes: Sequence[Sequence[int]], axis: int, dtype: str, twice: bool) -> bytes:
    """Inputs of ``shapes``, the last one constant, the first once more at the end if ``twice``."""
    m = ModelBuilder()
    xs = [source(m, shape, dtype) for shape in shapes[:-1]]
    last = np.random.default_rng(5).integers(-100, 100, shapes[-1])
    quant = {"scale": 0.5, "zero_point": -3} if dtype == "int8" else {}
    xs.append(m.tensor(shapes[-1], dtype, data=last, **quant))
    xs += xs[:1] * twice
    y = list(xs[0].shape)
    y[axis] = sum(x.shape[axis] for x in xs)
    m.op("CONCATENATION", xs, [like(m, xs[0], y)], axis=axis)
    return m.build()


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "float32"])
def test_concatenation(dtype: str) -> None:
    models = []
    for rank, twice in itertools.product(range(1, 7), (False, True)):
        shape = [2, 3, 1, 2, 2, 3][:rank]
        for axis in range(-rank, rank):
            shapes = [[*shape] for _ in range(3)]
            for size, other in enumerate(shapes, 1):
                other[axis] = size
            models.append(concatenation(shapes, axis, dtype, twice))
    models.append(concatenation([[2, 1]] * 10, 1, dtype, False))
    assert_as_tflm([bytes_for(model, seed) for seed, model in enumerate(models)])


def strided_slice(
    shape: Sequence[int],
    begin: Sequence[int],
    end: Sequence[int],
    strides: Sequence[int],
    output: Sequence[int],
    dtype: str = "int8",
    **masks: object,
) -> bytes:
    m = ModelBuilder()
    x = source(m, shape, dtype)
    operands = [x, *(ints(m, values) for values in (begin, end, strides))]
    m.op("STRIDED_SLICE", operands, [like(m, x, output)], **masks)
    return m.build()


def slices() -> Iterator[bytes]:
    """Slices of one dimension with begin and end around all its edges."""
    size = 5
    around = (-7, -6, -5, -4, -1, 0, 1, 4, 5, 6, 7)
    for begin, end, stride in itertools.product(around, around, (1, 2, -1, -3)):
        taken = np.arange(size)[begin:end:stride].size
        if taken:
            yield strided_slice((size, 2), (begin, 0), (end, 2), (stride, 1), (taken, 2))
    for begin, stride in itertools.product(around, (1, 3, -1, -2)):
        first = np.arange(size)[begin::stride].size
        if first:
            yield strided_slice((2, size), (0, begin), (2, 1), (1, stride), (2, first), end_mask=2)
        last = np.arange(size)[:begin:stride].size
        if last:
            yield strided_slice((2, size), (0, 3), (2, begin), (1, stride), (2, last), begin_mask=2)
    for begin in (-7, -5, -1, 0, 4):
        yield strided_slice(
            (3, size, 2), (0, begin, 0), (3, -9, 2), (1, 1, 1), (3, 2), shrink_axis_mask=2
        )


def test_slices_at_every_edge() -> None:
    assert_as_tflm([bytes_for(model, seed) for seed, model in enumerate(slices())])


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "float32"])
def test_slices_of_four_dimensions(dtype: str) -> None:
    shape, begin, end, strides = (3, 4, 5, 6), (2, -4, 1, -1), (0, 4, 5, -7), (-1, 3, 2, -2)
    taken = np.empty(shape)[2:0:-1, -4:4:3, 1:5:2, -1:-7:-2].shape
    models = [
        strided_slice(shape, begin, end, strides, taken, dtype),
        strided_slice(shape, begin, end, strides, (3, 2, 2, 3), dtype, begin_mask=1, end_mask=1),
        strided_slice(
            shape, (1, 1, 1, 1), (2, 3, 9, 9), (1,) * 4, (2, 5), dtype, shrink_axis_mask=5
        ),
        strided_slice(shape, (1, 1, 1, 1), (9,) * 4, (1,) * 4, (), dtype, shrink_axis_mask=15),
        strided_slice(shape, (0,) * 4, shape, (1,) * 4, shape, dtype),
    ]
    assert_as_tflm([bytes_for(model, seed) for seed, model in enumerate(models)])


def rename(code: str, shape: Sequence[int], output: Sequence[int], dtype: str) -> bytes:
    m = ModelBuilder()
    x = source(m, shape, dtype)
    operands = [x]
    if code == "RESHAPE" and output:
        operands.append(ints(m, output))
    if code == "EXPAND_DIMS":
        operands.append(m.tensor((), "int32", data=output.index(1)))
    m.op(code, operands, [like(m, x, output)])
    return m.build()


@pytest.mark.parametrize("dtype", ["int8", "int16", "float32"])
def test_renames_copy_where_they_cannot_alias(dtype: str) -> None:
    cases = (
        ("RESHAPE", (2, 3, 4), (4, 6)),
        ("RESHAPE", (1, 1), ()),
        ("RESHAPE", (), (1, 1, 1)),
        ("SQUEEZE", (1, 3, 1, 2), (3, 2)),
        ("SQUEEZE", (1, 1), ()),
        ("SQUEEZE", (2, 3), (2, 3)),
        ("EXPAND_DIMS", (2, 3), (2, 1, 3)),
        ("EXPAND_DIMS", (), (1,)),
        ("EXPAND_DIMS", (2, 3, 4, 5, 2), (2, 3, 4, 5, 2, 1)),
    )
    assert_as_tflm([bytes_for(rename(*case, dtype), seed) for seed, case in enumerate(cases)])


def test_only_renames_alias() -> None:
    for code in CODES:
        for variant in operators()[code].variants:
            assert variant.alias == (code in RENAMES)
