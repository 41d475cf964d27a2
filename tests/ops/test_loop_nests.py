"""The loop nests that ops on tensors of any rank are lowered to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fwgen.ops.parts.loop_nest import collapse, row_major


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # not the machine is tested
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(-2, 4), st.integers(0, 4)), min_size=0, max_size=5
    )
)
def test_collapsed_loops_visit_the_same_places(levels: list[tuple[int, int, int]]) -> None:
    sizes = tuple(size for size, _, _ in levels)
    strides = tuple(a for _, a, _ in levels), tuple(b for _, _, b in levels)
    loops = collapse(sizes, *strides)
    assert len(loops.sizes) == 6
    assert visited(loops.sizes, *loops.strides) == visited(sizes, *strides)


def visited(sizes: Sequence[int], a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int]]:
    """Where both operands are at each index, in order."""
    return [
        (int(np.dot(index, a)), int(np.dot(index, b)))
        for index in itertools.product(*(range(size) for size in sizes))
    ]


def test_loops_collapse_as_far_as_strides_go_on() -> None:
    assert collapse((3, 1, 5), (5, 99, 1), (10, 0, 2)).sizes == (1, 1, 1, 1, 1, 15)
    assert collapse((3, 5), (5, 1), (5, 2)).sizes == (1, 1, 1, 1, 3, 5)
    assert collapse((3, 5), (-5, -1), (0, 0), levels=2).strides == ((0, -1), (0, 0))


def test_dense_tensors_collapse_to_one_row() -> None:
    strides = row_major((2, 3, 4, 5))
    assert strides == (60, 20, 5, 1)
    assert collapse((2, 3, 4, 5), strides, strides).sizes == (1, 1, 1, 1, 1, 120)
