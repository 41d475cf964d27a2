"""The functions of float32 against those of double, of which the results are rounded.

That they are TFLM's to the bit is for the tests of operators to say.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fwgen.model.float_circle import float_cos, float_sin
from fwgen.model.float_exp import float_exp
from fwgen.model.float_exp_less_1 import exp_less_1, float_tanh
from fwgen.model.float_log import float_log

Function = Callable[[np.ndarray], np.ndarray]


def numbers(count: int = 200_000) -> np.ndarray:
    """Floats of all bits but those of NaNs and infinities."""
    bits = np.random.default_rng(11).integers(0, 1 << 32, count, np.uint64).astype(np.uint32)
    real = bits.view(np.float32)
    return real[np.isfinite(real)]


@pytest.mark.parametrize(
    ("function", "exact", "most"),
    [
        (float_exp, np.exp, 0.502),
        (exp_less_1, np.expm1, 1.0),
        (float_tanh, np.tanh, 2.0),
        (float_log, np.log, 0.818),
        (float_sin, np.sin, 0.57),
        (float_cos, np.cos, 0.57),
    ],
)
def test_results_are_within_the_stated_units_of_the_last_place(
    function: Function, exact: Function, most: float
) -> None:
    """Of numbers of all sizes, and of those where the function is no line or constant."""
    x = np.concatenate([numbers(), numbers() % np.float32(20) - np.float32(10)])
    x = np.abs(x) if function is float_log else x[x < 44] if function is exp_less_1 else x
    with np.errstate(all="ignore"):
        found, right = function(x), exact(x.astype(np.float64))
        finite = np.isfinite(found)
        assert (np.isinf(right.astype(np.float32)) == ~finite).all()
        least = np.float32(np.finfo(np.float32).smallest_subnormal)
        unit = np.maximum(np.spacing(np.abs(right).astype(np.float32)), least).astype(np.float64)
        assert found.dtype == np.float32
        assert (np.abs(found - right) / unit)[finite].max() <= most


def test_what_is_no_number_stays_so() -> None:
    ends = np.float32([np.nan, np.inf, -np.inf, 0.0, -0.0])
    expected: dict[Function, list[float]] = {
        float_exp: [np.nan, np.inf, 0, 1, 1],
        float_tanh: [np.nan, 1, -1, 0, -0.0],
        float_log: [np.nan, np.inf, np.nan, -np.inf, -np.inf],
        float_sin: [np.nan, np.nan, np.nan, 0, -0.0],
        float_cos: [np.nan, np.nan, np.nan, 1, 1],
    }
    for function, values in expected.items():
        with np.errstate(all="ignore"):
            found = function(ends)
        np.testing.assert_array_equal(found, np.float32(values))
        known = ~np.isnan(found)
        assert (np.signbit(found) == np.signbit(np.float32(values)))[known].all()
    assert np.isnan(float_log(np.float32([-1.0, -1e-45]))).all()
