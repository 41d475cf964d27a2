"""The column kernels that there are, each kind for its cores, with their estimated cycles."""

from __future__ import annotations

from dataclasses import replace

from fwgen.kernels.dsp.byte_clamp import OF_DSP, OF_V7M
from fwgen.kernels.matrix import byte_weights, nibble_pairs, paired_bytes
from fwgen.kernels.matrix.columns import ColumnCosts, ColumnKernels

SINGLE_ISSUE = ColumnKernels(
    suffix="dsp",
    driver="dsp",
    inputs=4,
    column_bytes=32,
    unrolled=(2, 4),
    unrolled_hidden=(2, 4, 7),
    loop="long",
    looped=8,
    pack=paired_bytes.pack,
    holds=paired_bytes.holds,
    clamp=OF_DSP,
    costs=ColumnCosts(29.0, 62.0, 16.0, 6.0, 6.0, 12.0, 45.0, 6.0),
)
"""For cores with the DSP extension that issue one instruction at a time."""

DUAL = replace(
    SINGLE_ISSUE, suffix="dual", costs=ColumnCosts(17.0, 42.0, 12.0, 5.0, 7.0, 8.0, 30.0, 4.0)
)
"""For those that issue two."""

NIBBLES = replace(
    SINGLE_ISSUE,
    unrolled=(),
    unrolled_hidden=(),
    loop="nibbles",
    pack=nibble_pairs.pack,
    holds=nibble_pairs.holds,
    costs=ColumnCosts(28.5, 85.0, 16.0, 6.0, 6.0, 17.0, 45.0, 6.0),
)
"""For weights of 4 bits, on cores that issue one instruction at a time."""

DUAL_NIBBLES = replace(
    NIBBLES, suffix="dual", costs=ColumnCosts(17.0, 60.0, 12.0, 5.0, 7.0, 11.0, 30.0, 4.0)
)
"""On those that issue two."""

BYTES = ColumnKernels(
    suffix="v7m",
    driver="v7m",
    inputs=1,
    column_bytes=4,
    unrolled=(),
    unrolled_hidden=(),
    loop="bytes",
    looped=8,
    pack=byte_weights.pack,
    holds=byte_weights.holds,
    clamp=OF_V7M,
    costs=ColumnCosts(22.0, 97.0, 16.0, 8.0, 5.0, 5.2, 45.0, 6.0),
)
"""For cores of Armv7-M without the DSP extension."""
