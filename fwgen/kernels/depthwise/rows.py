"""Rows of DEPTHWISE_CONV_2D by dot products over planes, and by pairs of taps."""

from __future__ import annotations

from fwgen.kernels.depthwise import dot_products, tap_pairs, taps_s16

KERNELS = (*dot_products.KERNELS, *tap_pairs.KERNELS, *taps_s16.KERNELS)
