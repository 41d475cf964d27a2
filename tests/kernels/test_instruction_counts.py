"""Each row's instructions for a case that stays the same are within 3 % of those recorded."""

from __future__ import annotations

import pytest

from tests.kernels import counted
from tests.kernels.counted import RECORD, ROWS, Count, Counted, Subject

ALLOWED = 0.03

COMPILER, COUNTS = counted.table()
SUBJECTS = {subject.key: subject for subject in counted.subjects()}


def test_every_row_and_kernel_has_a_count() -> None:
    missing = [key for key in SUBJECTS if key not in COUNTS]
    assert not missing, f"no instructions are recorded of {missing}: run {RECORD}"
    left = [key for key in COUNTS if key not in SUBJECTS]
    assert not left, f"there is no such row or kernel any more: {left}: run {RECORD}"


def case_of(subject: Subject, count: Count) -> Counted:
    """What is counted, which is what was counted."""
    again = f"{subject.key} was recorded of another op: run {RECORD} '{subject.key}'"
    found = counted.recorded(subject, count)
    assert found is not None, again
    return found


@pytest.mark.parametrize("cpu", sorted({row.cpu or "" for row in ROWS.values()}))
def test_instructions_are_those_recorded(cpu: str) -> None:
    if counted.compiler() != COMPILER:
        pytest.skip(
            f"NOTHING WAS COMPARED: counts are of {COMPILER}, here is {counted.compiler()}, "
            "which compiles the C around inner loops to other instructions"
        )
    keys = [key for key in COUNTS if key in SUBJECTS and ROWS[COUNTS[key].row].cpu == cpu]
    found = counted.instructions([case_of(SUBJECTS[key], COUNTS[key]) for key in keys])
    wrong = [
        f"{key}: {found[key]} instructions, recorded are {COUNTS[key].instructions} "
        f"({found[key] / COUNTS[key].instructions - 1:+.1%})"
        for key in keys
        if abs(found[key] - COUNTS[key].instructions) > ALLOWED * COUNTS[key].instructions
    ]
    assert not wrong, "\n".join([*wrong, f"If that is meant: {RECORD} 'ROW'..."])
