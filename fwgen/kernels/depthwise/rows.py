"""Rows of DEPTHWISE_CONV_2D by dot products over planes, by pairs of taps, and for DSP cores."""

from __future__ import annotations

from fwgen.kernels.depthwise import dot_products, halfword_planes, tap_pairs, taps_s16

KERNELS = (
    *dot_products.KERNELS,
    *tap_pairs.KERNELS,
    *taps_s16.KERNELS,
    *halfword_planes.KERNELS,
)
