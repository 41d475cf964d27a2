"""Paired bytes: weights and inputs fit their halfwords, and products add up to 256 times the sum.

The conditions are the product's own: ``fit_pairs`` for weights, and what the C adds to inputs.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import z3

from fwgen.kernels.matrix import paired_bytes
from tests.proofs.instructions import halves, sadd16, ssub16, sxtb16
from tests.proofs.solver import counterexample, wide

HEADER = Path(paired_bytes.__file__).with_name("dsp_widen.h").read_text()
BYTES = range(-128, 128)

EVEN, ODD = np.meshgrid(*2 * [np.arange(-128, 128, dtype=np.int64)], indexing="ij")
PAIRS = np.stack([EVEN.ravel(), ODD.ravel()], axis=1).astype(np.int8)


def offset() -> int:
    """What is added to each halfword of Y."""
    found = re.search(r'\[offset\] "r"\(0x([0-9A-F]{4})\1u\)', HEADER)
    assert found is not None, "dsp_widen.h adds something else"
    return int(found[1], 16)


def test_each_pair_of_weights_fits_or_is_refused() -> None:
    """All 65,536: the halfword is 256 odd + even, and the even one's byte is as it was."""
    words = paired_bytes.paired(PAIRS)[:, 0]
    low = (words & 0xFFFF).astype(np.uint16).view(np.int16).astype(np.int64)
    even = (words & 0xFF).astype(np.uint8).view(np.int8)
    exact = (low == 256 * ODD.ravel() + EVEN.ravel()) & (even == EVEN.ravel())
    assert np.array_equal(exact, paired_bytes.fit_pairs(PAIRS))
    assert exact.sum() == 65536 - 128


def test_the_other_pair_of_a_word_fits_as_well() -> None:
    quads = np.pad(PAIRS, ((0, 0), (2, 0)))
    high = paired_bytes.paired(quads)[:, 0] >> 16
    exact = high == 256 * ODD.ravel() + EVEN.ravel()
    assert np.array_equal(exact, paired_bytes.fit_pairs(quads))


def widened(added: int) -> str | None:
    """Inputs of which X and Y are not what ``dsp_matrix.h`` says, if ``added`` to Y."""
    inputs = z3.BitVec("inputs", 32)
    x0, x1, x2, x3 = (wide(z3.Extract(8 * k + 7, 8 * k, inputs)) for k in range(4))
    xs = sxtb16(inputs, 8)
    shifted = (inputs << 8) & z3.BitVecVal(0xFF00FF00, 32)
    ys = sadd16(ssub16(shifted, xs), z3.BitVecVal(added * 0x10001, 32))
    found = [wide(half) for half in (*halves(xs), *halves(ys))]
    expected = [x1, x3, 256 * x0 - x1 + added, 256 * x2 - x3 + added]
    pairs = zip(found, expected, strict=True)
    return counterexample(z3.And([each == right for each, right in pairs]))


def test_any_inputs_fit_once_widened() -> None:
    assert widened(offset()) is None


@pytest.mark.parametrize("more", [-1, 1])
def test_with_another_offset_some_inputs_do_not_fit(more: int) -> None:
    assert widened(offset() + more) is not None


def products_differ(added: int) -> bool:
    """Whether P . X + E . Y is not 256 times the sum and ``added`` times the even weights."""
    w = z3.Ints("w0 w1 w2 w3")
    x = z3.Ints("x0 x1 x2 x3")
    p = 256 * w[1] + w[0], 256 * w[3] + w[2]
    y = 256 * x[0] - x[1] + offset(), 256 * x[2] - x[3] + offset()
    found = p[0] * x[1] + p[1] * x[3] + w[0] * y[0] + w[2] * y[1]
    total = sum(a * b for a, b in zip(w, x, strict=True))
    solver = z3.Solver()
    solver.set("timeout", 20_000)
    solver.add(found != 256 * total + added * (w[0] + w[2]))
    answer = solver.check()
    assert answer != z3.unknown
    return bool(answer == z3.sat)


def test_products_add_up_to_256_times_the_sum() -> None:
    assert not products_differ(offset())
    assert products_differ(offset() - 1)


def test_the_bias_takes_the_offset_away() -> None:
    """The even weights times the offset, from 256 times the bias, modulo 2**32."""
    from tests.proofs.layers import dense

    for weights, bias in product(((1, 2, 3, 4, 5), (-128, 127, -7, 0), (9,)), (0, -77, 5000)):
        found = int(paired_bytes.constants_of(dense(-9, bias, weights=weights))[0][0])
        assert found == 256 * bias - offset() * sum(weights[::2])
