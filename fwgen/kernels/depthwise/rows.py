"""Rows of DEPTHWISE_CONV_2D by dot products, by pairs of taps, and by planes without vectors."""

from __future__ import annotations

from fwgen.kernels.depthwise import channel_planes, dot_products, tap_pairs, taps_s16, word_planes

KERNELS = (
    *dot_products.KERNELS,
    *tap_pairs.KERNELS,
    *taps_s16.KERNELS,
    *channel_planes.KERNELS,
    *word_planes.KERNELS,
)
