"""What a verification concludes from a device, from TFLM, and from Vela's multipliers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, cast

import numpy as np
import pytest

from fwgen.device.link import Link
from fwgen.host.oracle import Oracle
from fwgen.measure.verify.verdict import OpOutputs, OutputComparison, Verdict, outputs_of
from fwgen.report.text_tables import verdict as told

INPUTS = [[np.array([k], np.int8)] for k in range(3)]
OPS = [
    {"index": 0, "op": "RESHAPE", "outputs": [{"tensor": None, "channels": None}]},
    {"index": 4, "op": "CUSTOM ethos-u", "outputs": [{"tensor": 1, "channels": None}]},
]
"""The first was made by a pass: TFLM has no such tensor."""


class Device:
    """Answers each input with bytes of its own; stands in for a link or for TFLM.

    ``inside`` is what its op leaves for each input, if that is not the output.
    """

    def __init__(self, answers: Sequence[bytes], inside: Sequence[bytes] | None = None) -> None:
        self.answers, self.answer = list(answers), b""
        self.inside, self.left = list(inside or answers), b""

    def load(self, data: bytes) -> None:
        self.answer, self.left = self.answers[data[0]], self.inside[data[0]]

    def run(self) -> int:
        return 1

    def outputs(self) -> bytes:
        return self.answer

    def op_crcs(self) -> tuple[int, ...]:
        return (zlib.crc32(self.left),) * 2

    def dump(self, op: int) -> bytes:
        return self.left

    def invoke(self, values: list[Any]) -> list[Any]:
        self.load(values[0].tobytes())
        return [np.frombuffer(self.answer, np.int8)]

    def tensors(self, indices: list[int]) -> list[Any]:
        return [np.frombuffer(self.left, np.int8) for _ in indices]


def rounded(judge: Device, values: Sequence[Any]) -> tuple[bytes, dict[int, Any]]:
    outputs = outputs_of(cast(Link, judge), values)
    return outputs, {1: np.frombuffer(judge.left, np.int8)}


def verified(
    device: Device | Sequence[bytes],
    tflm: Device | Sequence[bytes],
    vela: Device | list[bytes] | None = None,
    op_inputs: int = 3,
) -> Verdict:
    found, right = (x if isinstance(x, Device) else Device(x) for x in (device, tflm))
    judge = Device(vela) if isinstance(vela, list) else vela
    rounding = None if judge is None else partial(rounded, judge)
    comparison = OutputComparison(OPS, cast(Link, found), cast(Oracle, right), op_inputs, rounding)
    for values in INPUTS:
        comparison.run(values)
    return comparison.verdict()


TFLM = [b"\x01\x02", b"\x03\x80", b"\x05\x06"]
VELA = [b"\x01\x02", b"\x03\x7f", b"\x05\x06"]


def test_what_is_velas_and_not_tflms_is_told_byte_by_byte() -> None:
    found = verified(VELA, TFLM, VELA)
    assert (found.mismatches, found.first_mismatch) == (0, None)
    assert found.rounded == [{"input": 1, "output_byte": 1, "tflm": 0x80, "got": 0x7F}]


def test_without_velas_multipliers_there_is_no_excuse() -> None:
    found = verified(VELA, TFLM, None)
    assert found.mismatches == 1 and found.rounded == []
    assert found.first_mismatch is not None and found.first_mismatch["input"] == 1


@pytest.mark.parametrize("spoiled", [b"\x03\x80", b"\x03\x7e", b"\x02\x7f"])
def test_what_is_not_velas_is_a_mismatch_even_if_it_is_tflms(spoiled: bytes) -> None:
    found = verified([TFLM[0], spoiled, TFLM[2]], TFLM, VELA)
    assert found.mismatches == 1
    assert found.first_mismatch is not None and found.first_mismatch["op"] in (4, None)


def test_the_report_lists_the_bytes_and_how_far_they_are() -> None:
    found = verified(VELA, TFLM, VELA)
    text = told({**asdict(found), "seed": 0, "runner": "qemu", "memory": {}})
    assert "0 of 6 output bytes differ" in text
    assert "1 more are not TFLM's" in text and "255 from TFLM's at most" in text
    assert ["1", "1", "-128", "127"] in [line.split() for line in text.splitlines()]


INSIDE = [b"\x11\x12", b"\x13\x14", b"\x15\x16"]


def test_what_ops_inside_the_model_leave_is_compared_where_tflm_has_it() -> None:
    found = verified(Device(TFLM, INSIDE), Device(TFLM, INSIDE), op_inputs=2)
    assert found.holds
    assert found.op_outputs == OpOutputs(inputs=2, compared=1, ops=2, mismatches=0)
    text = told({**asdict(found), "seed": 0, "runner": "qemu", "memory": {}})
    assert "0 of 2 outputs of ops inside the model differ: 1 of 2 ops compared" in text


def test_a_fault_inside_the_model_that_no_output_shows_is_found() -> None:
    spoiled = [INSIDE[0], b"\x13\x54", INSIDE[2]]
    found = verified(Device(TFLM, spoiled), Device(TFLM, INSIDE))
    assert (found.mismatches, found.op_outputs.mismatches, found.holds) == (0, 1, False)
    first = found.first_mismatch
    assert first is not None
    assert (first["input"], first["output_byte"], first["op"], first["element"]) == (1, None, 4, 1)
    text = told({**asdict(found), "seed": 0, "runner": "qemu", "memory": {}})
    assert (
        "first at input 1, inside the model" in text and "op 4 CUSTOM ethos-u is the first" in text
    )
    assert verified(Device(TFLM, spoiled), Device(TFLM, INSIDE), op_inputs=1).holds, "not asked for"


def test_ops_are_compared_with_what_other_multipliers_give_where_these_are_right() -> None:
    found = verified(Device(VELA, INSIDE), Device(TFLM, TFLM), Device(VELA, INSIDE))
    assert found.holds and found.op_outputs == OpOutputs(3, 1, 2, 0)
    spoiled = [INSIDE[0], b"\x13\x54", INSIDE[2]]
    found = verified(Device(VELA, spoiled), Device(TFLM, TFLM), Device(VELA, INSIDE))
    assert found.first_mismatch is not None
    assert (found.first_mismatch["op"], found.first_mismatch["element"]) == (4, 1)


def test_ops_of_another_file_than_tflms_are_not_compared() -> None:
    comparison = OutputComparison((), cast(Link, Device(VELA)), cast(Oracle, Device(TFLM)), 3)
    for values in INPUTS:
        comparison.run(values)
    found = comparison.verdict()
    assert found.mismatches == 1 and found.op_outputs == OpOutputs(3, 0, 0, 0)
    assert found.first_mismatch is not None and found.first_mismatch["op"] is None


def test_outputs_that_never_change_are_a_warning() -> None:
    constant = [b"\x07\x08"] * 3
    found = verified(constant, constant)
    assert found.holds and found.constant_outputs == [0]
    text = told({**asdict(found), "seed": 0, "runner": "qemu", "memory": {}})
    assert "warning: output 0 is the same for all 3 inputs" in text
    assert verified(TFLM, TFLM).constant_outputs == []


# State


class Keeper(Device):
    """Keeps four bytes between two of no variable; ``states`` are those after each input."""

    def __init__(self, states: Sequence[bytes], answers: Sequence[bytes] = (b"\x01",) * 3) -> None:
        super().__init__(answers)
        self.states, self.kept, self.dumps = list(states), b"", 0

    def load(self, data: bytes) -> None:
        super().load(data)
        self.kept = self.states[data[0]]

    def state(self) -> bytes:
        self.dumps += 1
        return b"\x77" + self.kept + b"\x77"

    def state_crc(self) -> int:
        return zlib.crc32(b"\x77" + self.kept + b"\x77")

    def tensors(self, indices: list[int]) -> list[Any]:
        found = {8: self.kept[:3], 9: self.kept[3:]}
        return [np.frombuffer(found.get(i, self.left), np.int8) for i in indices]


VARIABLES = [
    {"offset": 1, "bytes": 3, "after": {"name": "first", "source": 8}},
    {"offset": 4, "bytes": 1, "after": {"name": "second", "source": 9}},
    {"offset": 5, "bytes": 1, "after": {"name": "of a pass", "source": None}},
]
STATES = [b"\x01\x02\x03\x04", b"\x01\x05\x03\x04", b"\x01\x06\x03\x04"]


def kept(device: Keeper, tflm: Keeper, op_inputs: int = 3) -> Verdict:
    comparison = OutputComparison(
        OPS, cast(Link, device), cast(Oracle, tflm), op_inputs, None, VARIABLES
    )
    for values in INPUTS:
        comparison.run(values)
    return comparison.verdict()


@pytest.mark.parametrize("op_inputs", [0, 3])
def test_states_that_agree_are_told_by_their_crc(op_inputs: int) -> None:
    device = Keeper(STATES)
    found = kept(device, Keeper(STATES), op_inputs)
    assert found.holds and device.dumps == 1
    assert found.state is not None and asdict(found.state) == {
        "bytes": 4,
        "mismatches": 0,
        "changed": 1,
    }
    assert found.constant_outputs == [0]
    lines = told({**asdict(found), "seed": 0, "runner": "host", "memory": {}})
    assert "0 of 12 bytes of state differ" in lines and "of which 1 changed" in lines
    assert "proves nothing of it, but the state that changed does" in lines


@pytest.mark.parametrize("op_inputs", [0, 3])
def test_a_state_that_differs_is_a_mismatch_though_no_output_is(op_inputs: int) -> None:
    device = Keeper([STATES[0], b"\x01\x05\x63\x05", STATES[2]])
    found = kept(device, Keeper(STATES), op_inputs)
    assert not found.holds and found.mismatches == 0
    assert found.state is not None and found.state.mismatches == 2
    assert found.first_mismatch is not None and found.first_mismatch["input"] == 1
    assert found.first_mismatch["variable"] == {
        "name": "first",
        "tensor": 8,
        "byte": 2,
        "expected": 0x03,
        "got": 0x63,
    }
    lines = told({**asdict(found), "seed": 0, "runner": "host", "memory": {}})
    assert "the variable 'first' differs from its byte 2 on: expected 0x03, got 0x63" in lines


def test_a_state_that_never_changes_proves_nothing() -> None:
    found = kept(Keeper(STATES[:1] * 3), Keeper(STATES[:1] * 3))
    lines = told({**asdict(found), "seed": 0, "runner": "host", "memory": {}})
    assert "of which 0 changed" in lines and lines.endswith("that it agrees proves nothing")
