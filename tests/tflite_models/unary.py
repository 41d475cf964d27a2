"""What the cases of ops of one operand share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .builder import ModelBuilder, Tensor
from .cases import Quantized, Refused
from .draw import Draw, float32
from .hand_made import unary


def rescaled(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """A new tensor of the shape of ``x`` with another scale; multipliers up to 2**20."""
    scale = float32(x.scale / (d.power(-34, 20) if d.wild() else d.power(-1, 1)))
    return m.tensor(x.shape, x.dtype, scale=scale, zero_point=d.zero_point(x.dtype))


def saturating_scales(output: Quantized) -> Iterator[tuple[Quantized, Quantized]]:
    """Scales at which the first or the last difference leaves the range of 4 integer bits."""
    for scale in (15 / 255, 15 / 128, 15 / 127, 15.0, 7.5, 2.0**-28, 2.0**30):
        for nudge in (0.0, 1.0, np.inf):
            near = float(np.nextafter(np.float32(scale), np.float32(nudge)))
            if 2.0**-28 <= near <= 2.0**30:
                for zero_point in (-128, 0, 127):
                    yield (near, zero_point), output


def refused_multiplier(code: str) -> Iterator[Refused]:
    """Scales whose quotient no multiplier and shift express, from 2**30 on."""
    yield Refused("multiplies by 1.07374e+09", unary(code, (1.0, 0), (2.0**-30, 0), (4,)))
    yield Refused("multiplies by", unary(code, (1e3, 0), (1e-10, 0), (4,)))
