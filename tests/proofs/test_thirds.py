"""Three pixels in two words: their sums come out whole within the limits of the build."""

from __future__ import annotations

import numpy as np
import pytest
import z3

from fwgen.kernels.matrix import thirds
from tests.proofs.layers import dense
from tests.proofs.solver import counterexample, integer, register, wide


def sums_of_words(limit: int) -> str | None:
    """Sums in [-limit, limit) of which the kernels make others, as ``v6m_thirds.h`` says it."""
    (a, of_a), (b, of_b), (c, of_c) = (integer(name, -limit, limit - 1) for name in "abc")
    s, t = register((b << 21) + a), register((b << 10) + c)
    first = (s << 11) >> 11
    u = (s - first) >> 11
    t -= u
    third = (t << 11) >> 11
    second = (t - third + u) >> 10
    claim = z3.And(wide(first) == a, wide(second) == b, wide(third) == c)
    return counterexample(claim, of_a, of_b, of_c)


def test_sums_within_the_limit_come_out_whole() -> None:
    assert sums_of_words(thirds.FIELD) is None


def test_others_do_not() -> None:
    assert sums_of_words(thirds.FIELD + 1) is not None


@pytest.mark.parametrize("bias", [0, 900_000, -(1 << 29)])
@pytest.mark.parametrize("depth", [1, 4, 64, 65, 128, 700])
@pytest.mark.parametrize("weight", [127, -128, 3])
def test_the_build_divides_columns_until_each_part_is_within_the_limit(
    weight: int, depth: int, bias: int
) -> None:
    """For the inputs that make a sum greatest and least."""
    made = thirds.thirds_of(dense(-9, bias, weights=depth * (weight,)))
    assert made is not None
    matrix = made.matrix.astype(np.int64)
    assert matrix[:, :depth].tolist() == [depth * [weight]] and not matrix[:, depth:].any()
    part = made.part or made.columns
    assert part % thirds.WORD == 0 and made.columns % part == 0
    for inputs in (-128, 127):
        sums = (inputs * matrix).reshape(-1, part).sum(axis=1)
        sums += 0 if made.part else made.bias
        assert sums.min() >= -thirds.FIELD and sums.max() < thirds.FIELD
