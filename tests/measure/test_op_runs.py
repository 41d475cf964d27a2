"""The ops of the segments of an inference, where loops and branches decide which run."""

from __future__ import annotations

import pytest

from fwgen.measure.profile.op_runs import op_of_each

LOOP = ("WHILE", "LESS", "DO", "ADD", "END_WHILE", "RELU")
BRANCH = ("IF", "ADD", "ELSE", "MUL", "END_IF")


def told(codes: tuple[str, ...], ops: str, without: str = "") -> list[int] | None:
    """The ops of segments that ran these, digit by digit; those ``without`` do nothing."""
    functions = {op: frozenset({100 + op}) for op in range(len(codes))}
    ran = [frozenset() if op in without else functions[int(op)] for op in ops]
    return op_of_each(ran, codes, functions)


@pytest.mark.parametrize("without", ["", "2", "4", "24"])
@pytest.mark.parametrize("path", ["0125", "01234125", "012341234125"])
def test_steps_of_a_loop(path: str, without: str) -> None:
    assert told(LOOP, path, without) == [int(op) for op in path]


@pytest.mark.parametrize("without", ["", "0", "24"])
@pytest.mark.parametrize("path", ["012", "034"])
def test_the_branch_that_was_taken(path: str, without: str) -> None:
    assert told(BRANCH, path, without) == [int(op) for op in path]


def test_two_ops_may_have_one_function() -> None:
    functions = {1: frozenset({7}), 3: frozenset({7}), 2: frozenset({8}), 4: frozenset({9})}
    ran = [frozenset[int](), frozenset({7}), frozenset({9})]
    assert op_of_each(ran, BRANCH, functions) == [0, 3, 4]


@pytest.mark.parametrize("path", ["", "0", "01", "0134", "0341", "10"])
def test_segments_that_are_no_way_through_the_ops(path: str) -> None:
    assert told(BRANCH, path) is None
