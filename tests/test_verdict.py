"""What a verification concludes from a device, from TFLM, and from Vela's multipliers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest

from fwgen.link import Link
from fwgen.oracle import Oracle
from fwgen.report.text import verdict as told
from fwgen.verify import Verdict, compare

INPUTS = [[np.array([k], np.int8)] for k in range(3)]
OPS = [{"index": 0, "op": "CUSTOM ethos-u", "tensor": 1, "channels": None}]


class Device:
    """Answers each input with bytes of its own; stands in for a link or for TFLM."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.answers, self.answer = list(answers), b""

    def load(self, data: bytes) -> None:
        self.answer = self.answers[data[0]]

    def run(self) -> int:
        return 1

    def outputs(self) -> bytes:
        return self.answer

    def op_crcs(self) -> tuple[int, ...]:
        return (zlib.crc32(self.answer),)

    def dump(self, op: int) -> bytes:
        return self.answer

    def invoke(self, values: list[Any]) -> list[Any]:
        self.load(values[0].tobytes())
        return [np.frombuffer(self.answer, np.int8)]

    def tensors(self, indices: list[int]) -> list[Any]:
        return [np.frombuffer(self.answer, np.int8)]


def verified(
    device: Sequence[bytes], tflm: Sequence[bytes], vela: Sequence[bytes] | None
) -> Verdict:
    rounding = None if vela is None else cast(Link, Device(vela))
    link, oracle = cast(Link, Device(device)), cast(Oracle, Device(tflm))
    return compare(OPS, link, oracle, INPUTS, lambda done: None, rounding)


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
    assert found.first_mismatch is not None and found.first_mismatch["op"] in (0, None)


def test_the_report_lists_the_bytes_and_how_far_they_are() -> None:
    found = verified(VELA, TFLM, VELA)
    text = told({**vars(found), "seed": 0, "runner": "qemu"})
    assert "0 of 6 output bytes differ" in text
    assert "1 more are not TFLM's" in text and "255 from TFLM's at most" in text
    assert text.splitlines()[-1].split() == ["1", "1", "-128", "127"]
