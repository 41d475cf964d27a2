"""How far the output of an op may lie over an input that dies with it.

A kernel reads and writes in steps; in each, all that it reads of the input comes before what it
writes. If the output begins D bytes before the input or earlier, the bytes that a step writes are
none that a later step reads. The smallest such D is the contract of a variant; no two of its steps
may be told apart less finely than the kernel does.

Source: Blacker et al., "Diagonal Memory Optimisation for Machine Learning on Micro-controllers",
2020, where it is found by simulation of every element.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = Sequence[int] | npt.NDArray[np.int64]


def distance(read_from: Ints, write_to: Ints) -> int:
    """The smallest safe D in bytes, of steps in their order.

    Step s reads no input byte before ``read_from[s]`` and writes no output byte from
    ``write_to[s]`` on. May be negative: then the output may begin above the input.
    """
    reads, writes = np.asarray(read_from, np.int64), np.asarray(write_to, np.int64)
    if len(reads) < 2:
        return -(1 << 40)
    later = np.minimum.accumulate(reads[::-1])[::-1][1:]
    return int((writes[:-1] - later).max())
