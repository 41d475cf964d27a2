"""Scales for cores without a 64-bit product give the reference's outputs for every sum."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.kernels.v6m.scales import LOW_BITS, Scale, Sums, scale_of, scales_of
from fwgen.model.fixed_point import requantize


def outputs_of(scale: Scale, sums: np.ndarray) -> np.ndarray:
    """As ``v6m_rescale.h`` computes them, in words that wrap."""
    a = np.clip(sums - scale.start, 0, scale.most).astype(np.uint32)
    high, low, addend, below = (
        np.uint32(n) for n in (scale.high, scale.low, scale.addend, scale.below)
    )
    with np.errstate(over="ignore"):
        moved = a * high + (a * low >> LOW_BITS) + np.where(a < scale.bend, below, addend)
    return (moved >> 24).astype(np.uint8).view(np.int8)


def reference(sums: np.ndarray, of: Sums, zero_point: int, limits: tuple[int, int]) -> np.ndarray:
    return np.clip(requantize(sums, of.multiplier, of.shift) + zero_point, *limits)


@pytest.mark.parametrize("shift", range(-14, 1))
def test_every_sum_has_the_references_output(shift: int) -> None:
    """Of layers with and without a clamp at the zero point, for reaches of many sizes."""
    rng = np.random.default_rng(-shift)
    found, bends, tried = 0, 0, 30
    for _ in range(tried):
        reach = 1 << int(rng.integers(4, 20))
        ends = np.sort(rng.integers(-reach, reach, 2))
        sums = Sums(int(ends[0]), int(ends[1]), int(rng.integers(1 << 30, 1 << 31)), shift)
        zero_point = int(rng.integers(-128, 128))
        limits = (-128, 127) if rng.random() < 0.5 else (zero_point, 127)
        scale = scale_of(sums, zero_point, limits)
        if scale is None:
            continue
        found, bends = found + 1, bends + (scale.bend > 0)
        every = np.arange(sums.least, sums.most + 1)
        assert np.array_equal(
            outputs_of(scale, every), reference(every, sums, zero_point, limits)
        ), (sums, zero_point, limits)
    assert found >= tried * 2 // 3
    assert bends or shift not in range(-10, -2)


def test_sums_beyond_all_clamps_have_the_clamps() -> None:
    scale = scale_of(Sums(-(1 << 29), 1 << 29, 0x5A5A5A5A, -6), -128, (-128, 127))
    assert scale is not None
    ends = np.array([-(1 << 29), 1 << 29])
    assert outputs_of(scale, ends).tolist() == [-128, 127]


def test_one_output_needs_no_scale() -> None:
    for multiplier, least, most, output in ((0, -99, 99, 5), (1 << 30, 90000, 99999, 127)):
        scale = scale_of(Sums(least, most, multiplier, -4), 5, (-128, 127))
        assert scale is not None and scale.most == 0
        assert outputs_of(scale, np.array([least, most])).tolist() == [output, output]


@pytest.mark.parametrize(
    "sums",
    [
        Sums(-(1 << 31), 0, 1 << 30, -8),
        Sums(0, 1 << 30, 1 << 30, -8),
        Sums(-9, 9, 1 << 30, 1),
        Sums(-(1 << 25), 1 << 25, 1 << 30, -16),
    ],
)
def test_what_has_no_room_is_refused(sums: Sums) -> None:
    assert scale_of(sums, 0, (-128, 127)) is None


def test_channels_have_scales_only_together() -> None:
    good, bad = Sums(-9, 99, 1 << 30, -3), Sums(-9, 9, 1 << 30, 1)
    assert scales_of([good, good], 3, (-128, 127)) == (scale_of(good, 3, (-128, 127)),) * 2
    assert scales_of([good, bad], 3, (-128, 127)) is None
