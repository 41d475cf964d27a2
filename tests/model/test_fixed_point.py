"""Fixed point against exact fractions, real functions, and the C of the same rules."""

from __future__ import annotations

import ctypes
import math
import subprocess
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fwgen.kernels.c_files import kernel_files
from fwgen.model import fixed_point
from tests.kernels.on_this_machine import FLAGS

REFERENCE = kernel_files()["requantize.h"].parent


INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1
EXTREMES = (INT32_MIN, INT32_MIN + 1, -(1 << 30), -1, 0, 1, 1 << 30, INT32_MAX - 1, INT32_MAX)
int32s = st.sampled_from(EXTREMES) | st.integers(INT32_MIN, INT32_MAX)
multipliers = st.sampled_from((0, 1 << 30, INT32_MAX)) | st.integers(1 << 30, INT32_MAX)


def array(*values: int) -> fixed_point.Int64Array:
    return np.array(values, dtype=np.int64)


def half_away(value: Fraction) -> int:
    """Nearest integer, halves away from zero."""
    return math.floor(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


def half_up(value: Fraction) -> int:
    """Nearest integer, halves toward plus infinity."""
    return math.floor(value + Fraction(1, 2))


@given(st.floats(0, 2.0**40, allow_subnormal=True))
@example(0.0)
@example(2.0**-32)
@example(math.nextafter(2.0**-32, 0))
@example(math.nextafter(1.0, 0))
@example(math.nextafter(2.0**20, 0))
@example(5e-324)
def test_multiplier_and_shift_are_the_nearest_to_the_real(real: float) -> None:
    multiplier, shift = fixed_point.quantize_multiplier(real)
    if multiplier == 0:
        assert shift == 0 and real < 2.0**-32
        return
    assert 1 << 30 <= multiplier < 1 << 31 and shift >= -31
    exact = Fraction(real) / Fraction(2) ** (shift - 31)
    # a multiplier that would be 2**31 counts as 2**30 with the next shift
    assert multiplier == half_away(exact) or (
        multiplier == 1 << 30 and half_away(2 * exact) == 1 << 31
    )


@given(int32s, int32s)
@example(-(1 << 30), 1)
@example(-(1 << 30), 3)
@example(INT32_MIN, INT32_MIN)
def test_doubling_high_multiply_rounds_halves_up_and_saturates(a: int, b: int) -> None:
    expected = half_up(Fraction(a * b, 1 << 31))
    assert fixed_point.doubling_high_multiply(array(a), array(b))[0] == min(expected, INT32_MAX)
    assert fixed_point.doubling_high_multiply(array(a), b)[0] == min(expected, INT32_MAX)


@given(int32s, st.integers(0, 31))
def test_rounding_shift_right_rounds_halves_away_from_zero(a: int, exponent: int) -> None:
    assert fixed_point.rounding_shift_right(array(a), exponent)[0] == half_away(
        Fraction(a, 1 << exponent)
    )


@given(int32s, multipliers, st.integers(-31, 0))
def test_requantize_rounds_twice(a: int, multiplier: int, shift: int) -> None:
    once = half_up(Fraction(a * multiplier, 1 << 31))
    twice = half_away(Fraction(once, 1 << -shift))
    assert fixed_point.requantize(array(a), multiplier, shift)[0] == twice


def test_requantize_wraps_at_32_bits_when_shifting_left() -> None:
    assert fixed_point.requantize(array(3 << 29), 1 << 30, 2)[0] == -(1 << 30)


@given(st.floats(-1e15, 1e15))
@example(0.49999999999999994)
@example(-0.5)
@example(2.5)
@example(-2.5)
def test_round_half_away(value: float) -> None:
    assert fixed_point.round_half_away(value) == half_away(Fraction(value))


# The C of the same rules


@pytest.fixture(scope="module")
def requantize_c(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """``requantize.h``, and what only ``softmax.h`` has of it, as functions of arrays."""
    folder = tmp_path_factory.mktemp("requantize")
    source, library = folder / "requantize.c", folder / "requantize.so"
    source.write_text(
        '#include "softmax.h"\n'
        "void multiply(int n, const int32_t *a, const int32_t *b, int32_t *y);\n"
        "void shift(int n, const int32_t *a, int32_t e, int32_t *y);\n"
        "void requantize(int n, const int32_t *a, int32_t m, int32_t s, int32_t *y);\n"
        "void add(int n, const int32_t *a, int32_t z, int32_t low, int32_t high, int8_t *y);\n"
        "void reciprocal(int n, const int32_t *a, int32_t *y);\n"
        "void reciprocal(int n, const int32_t *a, int32_t *y) {\n"
        "  for (int i = 0; i < n; i++) y[i] = fw_reciprocal_of_one_plus(a[i]);\n}\n"
        "void multiply(int n, const int32_t *a, const int32_t *b, int32_t *y) {\n"
        "  for (int i = 0; i < n; i++) y[i] = fw_doubling_high_multiply(a[i], b[i]);\n}\n"
        "void shift(int n, const int32_t *a, int32_t e, int32_t *y) {\n"
        "  for (int i = 0; i < n; i++) y[i] = fw_rounding_shift_right(a[i], e);\n}\n"
        "void requantize(int n, const int32_t *a, int32_t m, int32_t s, int32_t *y) {\n"
        "  for (int i = 0; i < n; i++) y[i] = fw_requantize(a[i], m, s);\n}\n"
        "void add(int n, const int32_t *a, int32_t z, int32_t low, int32_t high, int8_t *y) {\n"
        "  for (int i = 0; i < n; i++) y[i] = fw_add_zero_point(a[i], z, low, high);\n}\n"
    )
    sanitize = ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    command = ["gcc", *FLAGS, "-O1", *sanitize, "-shared", "-fPIC", f"-I{REFERENCE}"]
    subprocess.run([*command, source, "-o", library], check=True)
    return ctypes.CDLL(str(library))


def random_int32(rng: np.random.Generator, count: int) -> np.ndarray:
    """Values of all magnitudes, the extremes among them."""
    values = rng.integers(INT32_MIN, INT32_MAX, count, endpoint=True)
    values >>= rng.integers(0, 31, count)
    values[: len(EXTREMES)] = EXTREMES
    return values.astype(np.int32)


def call(function: Callable[..., None], dtype: type, a: np.ndarray, *args: object) -> np.ndarray:
    """``function(len(a), a, *args, result)``."""
    result = np.empty(a.size, dtype)
    pointers = [x.ctypes.data_as(ctypes.c_void_p) for x in (a, result)]
    passed = [x.ctypes.data_as(ctypes.c_void_p) if isinstance(x, np.ndarray) else x for x in args]
    function(a.size, pointers[0], *passed, pointers[1])
    return result


def test_c_equals_python(requantize_c: ctypes.CDLL) -> None:
    rng = np.random.default_rng(0)
    a, b = random_int32(rng, 20_000), random_int32(rng, 20_000)[::-1].copy()
    wide = a.astype(np.int64)
    b[a == INT32_MIN] = 1  # the header excludes the one product that saturates
    got = call(requantize_c.multiply, np.int32, a, b)
    assert (got == fixed_point.doubling_high_multiply(wide, b.astype(np.int64))).all()
    for shift in range(-31, 32):
        if shift >= 0:
            got = call(requantize_c.shift, np.int32, a, shift)
            assert (got == fixed_point.rounding_shift_right(wide, shift)).all()
        for multiplier in (0, 1 << 30, INT32_MAX, int(rng.integers(1 << 30, INT32_MAX))):
            got = call(requantize_c.requantize, np.int32, a, multiplier, shift)
            assert (got == fixed_point.requantize(wide, multiplier, shift)).all(), (
                multiplier,
                shift,
            )


def test_reciprocals_of_softmax_equal_those_of_python(requantize_c: ctypes.CDLL) -> None:
    a = np.abs(random_int32(np.random.default_rng(2), 20_000).astype(np.int64)) & INT32_MAX
    got = call(requantize_c.reciprocal, np.int32, a.astype(np.int32))
    assert (got == fixed_point.reciprocal_of_one_plus(a)).all()


@pytest.mark.parametrize("zero_point", [-128, -1, 0, 5, 127])
def test_adding_the_zero_point_saturates_instead_of_overflowing(
    requantize_c: ctypes.CDLL, zero_point: int
) -> None:
    a = random_int32(np.random.default_rng(1), 2000)
    for low, high in ((-128, 127), (zero_point, 127), (-128, -128), (-3, 60)):
        got = call(requantize_c.add, np.int8, a, zero_point, low, high)
        assert (got == np.clip(a.astype(np.int64) + zero_point, low, high)).all()


# Fixed-point functions


def test_constants_are_those_of_gemmlowp() -> None:
    assert [fixed_point._from_real(math.exp(-(2.0**k)), 0) for k in range(-2, 5)] == [
        1672461947,
        1302514674,
        790015084,
        290630308,
        39332535,
        720401,
        242,
    ]
    assert fixed_point._from_real(math.exp(-1 / 8), 0) == 1895147668
    assert fixed_point._from_real(1 / 3, 0) == 715827883
    assert fixed_point._from_real(48 / 17, 2) == 1515870810
    assert fixed_point._from_real(-32 / 17, 2) == -1010580540


def raw_values(integer_bits: int, low: float, high: float) -> fixed_point.Int64Array:
    """Raw values of a range of reals, those around 0 and the ends of the range among them."""
    rng = np.random.default_rng(integer_bits)
    scale = 2.0 ** (31 - integer_bits)
    ends = np.array([low * scale, low * scale + 1, -1, 0, 1, high * scale - 1, high * scale])
    values = np.concatenate([ends, rng.uniform(low, high, 20_000) * scale])
    return np.clip(values, INT32_MIN + 1, INT32_MAX).astype(np.int64)


@pytest.mark.parametrize("integer_bits", [4, 5])
def test_exponential_approximates_the_real_one(integer_bits: int) -> None:
    raw = np.minimum(raw_values(integer_bits, -15.9, 0.0), 0)
    real = np.exp(raw / 2.0 ** (31 - integer_bits))
    assert np.abs(fixed_point.exp_of_negative(raw, integer_bits) / 2.0**31 - real).max() < 2e-6
    assert fixed_point.exp_of_negative(array(0), integer_bits)[0] == INT32_MAX


def test_reciprocal_approximates_the_real_one() -> None:
    raw = raw_values(0, 0.0, 1.0)
    raw = raw[raw >= 0]
    real = 1 / (1 + raw / 2.0**31)
    assert np.abs(fixed_point.reciprocal_of_one_plus(raw) / 2.0**31 - real).max() < 1e-8


@pytest.mark.parametrize(
    ("function", "real"),
    [(fixed_point.logistic, lambda x: 1 / (1 + np.exp(-x))), (fixed_point.tanh, np.tanh)],
    ids=["logistic", "tanh"],
)
def test_sigmoids_approximate_the_real_ones(
    function: Callable[[fixed_point.Int64Array, int], fixed_point.Int64Array],
    real: Callable[[np.ndarray], np.ndarray],
) -> None:
    raw = raw_values(4, -15.5, 15.5)
    got = function(raw, 4)
    assert np.abs(got / 2.0**31 - real(raw / 2.0**27)).max() < 2e-6
    assert got.min() >= INT32_MIN and got.max() <= INT32_MAX


GEMMLOWP = np.array(
    [
        # a, exp(a) with 5 integer bits and with 4; b, 1 / (1 + b); c, logistic(c), tanh(c)
        [-53, 2147481461, 2147482308, 1546885062, 1248301504, 53, 1073742154, 1092],
        [-4525999, 2007427627, 2076274935, 275145156, 1903587542, -4525999, 1055639515, -72388544],
        [
            -162313561,
            191213672,
            640802828,
            315155879,
            1872659792,
            162313561,
            1653949856,
            1796323856,
        ],
        [-253498608, 49137788, 324842429, 851650624, 1537672412, 253498608, 1865322728, 2051406464],
        [-733808431, 38291, 9068014, 1781559660, 1173742728, -733808431, 9029883, -2147407068],
        [-6706, 2147268577, 2147375864, 889178459, 1518669462, 6706, 1073768774, 107548],
        [-374, 2147471189, 2147477173, 323604288, 1866257350, -374, 1073740203, -6232],
    ],
    np.int64,
)
"""Raw values that gemmlowp's own ``fixedpoint.h`` gave."""


def test_known_answers_of_gemmlowp() -> None:
    a, exp5, exp4, b, reciprocal, c, logistic, tanh = GEMMLOWP.T
    for got, expected in (
        (fixed_point.exp_of_negative(a, 5), exp5),
        (fixed_point.exp_of_negative(a, 4), exp4),
        (fixed_point.reciprocal_of_one_plus(b), reciprocal),
        (fixed_point.logistic(c, 4), logistic),
        (fixed_point.tanh(c, 4), tanh),
    ):
        assert got.tolist() == expected.tolist()
