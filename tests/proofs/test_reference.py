"""The solver's twin of TFLM's rounding is the product's, on edges and on random products."""

from __future__ import annotations

import numpy as np
import z3

from fwgen.model.fixed_point import requantize, requantize_wide
from tests.proofs.reference import scaled, scaled_wide
from tests.proofs.solver import number


def value(x: z3.BitVecRef) -> int:
    found = z3.simplify(x)
    assert isinstance(found, z3.BitVecNumRef)
    return found.as_signed_long()


def test_rounding_of_products_is_that_of_the_product() -> None:
    rng = np.random.default_rng(0)
    for e in range(32):
        multipliers = [0, 1 << 30, (1 << 31) - 1, *map(int, rng.integers(1 << 30, 1 << 31, 4))]
        for multiplier in multipliers:
            half = (1 << (30 + e)) // max(multiplier, 1)
            near = [k * half + d for k in (-3, -1, 1, 3) for d in (-1, 0, 1)]
            sums = [s for s in (0, 1, -1, *near, *map(int, rng.integers(-(1 << 31), 1 << 31, 4)))]
            for total in (s for s in sums if abs(s) < 1 << 31):
                expected = requantize(np.array([total]), multiplier, -e)[0]
                assert value(scaled(number(total * multiplier), e)) == expected


def test_rounding_of_wide_sums_is_that_of_the_product() -> None:
    rng = np.random.default_rng(1)
    for shift in range(-16, 1):
        for multiplier in map(int, rng.integers(1 << 30, 1 << 31, 8)):
            reduced = min((multiplier + (1 << 15)) >> 16, 0x7FFF)
            for total in map(int, rng.integers(-(1 << 31), 1 << 31, 8)):
                found = value(scaled_wide(number(total * reduced), shift))
                expected = requantize_wide(np.array([total]), multiplier, shift)[0]
                assert (found + (1 << 31)) % (1 << 32) - (1 << 31) == expected
