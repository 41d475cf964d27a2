"""Tests of a model in firmware: on QEMU by default, on a board by options of the command line."""

from pathlib import Path

import numpy as np
import pytest

from fwgen.pytest_plugin.bench import Bench
from fwgen.pytest_plugin.dut import Dut

SAMPLES = np.load(Path(__file__).parents[2] / "models" / "digits_inputs.npz")


def read_digit(dut: Dut, pixels: np.ndarray) -> int:
    """The digit that the firmware sees."""
    (scores,) = dut.infer(pixels)
    return int(scores.argmax())


def test_reads_digits(dut: Dut) -> None:
    inputs, labels = SAMPLES["inputs"][:20], SAMPLES["labels"][:20]
    right = sum(read_digit(dut, x) == label for x, label in zip(inputs, labels, strict=True))
    assert right >= 18


def test_says_the_same_after_a_restart(dut: Dut) -> None:
    before = dut.infer(SAMPLES["inputs"][0])
    dut.reset()
    assert np.array_equal(before, dut.infer(SAMPLES["inputs"][0]))


@pytest.mark.fwgen_needs("counters")
def test_counts_each_op(bench: Bench, dut: Dut) -> None:
    dut.infer(SAMPLES["inputs"][0])
    assert dut.counters is not None and dut.counters.value > 0
    ops = dut.count_ops()
    assert len(ops) == len(bench.project.result["ops"])
    assert sum(op.value for op in ops) <= 1.1 * dut.counters.value


@pytest.mark.fwgen_board("corstone-300")
@pytest.mark.fwgen_needs("instructions")
def test_takes_no_more_instructions_than_last_year(dut: Dut) -> None:
    dut.infer(SAMPLES["inputs"][0])
    assert dut.counters is not None and dut.counters.value < 40_000


@pytest.mark.fwgen_needs("cycles")
def test_takes_less_than_a_million_cycles(dut: Dut) -> None:
    """Only silicon counts cycles: on QEMU this test is skipped, and the report says why."""
    dut.infer(SAMPLES["inputs"][0])
    assert dut.counters is not None and dut.counters.value < 1_000_000


@pytest.mark.fwgen_needs("energy")
def test_takes_little_energy(dut: Dut) -> None:
    """Skipped without an energy probe."""
    dut.infer(SAMPLES["inputs"][0])
    assert dut.energy is not None and dut.energy.value < 1_000
