"""The comparison of states: what the firmware keeps from one inference to the next, beside TFLM's.

The bytes between variables are no variable's. What they hold never changes, so the device tells
them once; after that the CRC-32 of the whole state is enough.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.device.link import Link
from fwgen.host.oracle import Oracle

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class StateOutcome:
    """``bytes`` of the state were compared after each inference, ``mismatches`` differed in all.

    ``changed`` of them were not the same after all inferences.
    """

    bytes: int
    mismatches: int
    changed: int


@dataclass
class StateComparison:
    """The state of the device beside TFLM's; ``variables`` are as ``build --json`` has them.

    Where no op writes a variable, or where a pass has made it, nothing is known of it.
    """

    variables: Sequence[Mapping[str, Any]]
    link: Link
    oracle: Oracle
    _whole: bytes = b""
    _first: Bytes | None = None
    _changed: Bytes | None = None
    _mismatches: int = 0
    _known: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known = [v for v in self.variables if v["after"]["source"] is not None]

    def run(self) -> dict[str, Any] | None:
        """Compare the states after an inference of both; where the first difference is."""
        if not self._known:
            return None
        values = self.oracle.tensors([v["after"]["source"] for v in self._known])
        right = [value.tobytes() for value in values]
        self._note(np.frombuffer(b"".join(right), np.uint8))
        if self._whole and zlib.crc32(self._overlaid(right)) == self.link.state_crc():
            return None
        self._whole = self.link.state()
        return self._difference(right)

    def outcome(self) -> StateOutcome | None:
        """Of all inferences so far, None where no variable is known."""
        if self._first is None or self._changed is None:
            return None
        return StateOutcome(self._first.size, self._mismatches, int(self._changed.sum()))

    def _note(self, right: Bytes) -> None:
        if self._first is None or self._changed is None:
            self._first, self._changed = right, np.zeros(right.size, np.uint8)
        self._changed |= right != self._first

    def _overlaid(self, right: Sequence[bytes]) -> bytes:
        """The state with what is right in it."""
        whole = bytearray(self._whole)
        for variable, value in zip(self._known, right, strict=True):
            whole[variable["offset"] : variable["offset"] + len(value)] = value
        return bytes(whole)

    def _difference(self, right: Sequence[bytes]) -> dict[str, Any] | None:
        first = None
        for variable, value in zip(self._known, right, strict=True):
            got = self._whole[variable["offset"] : variable["offset"] + len(value)]
            wrong = [i for i, (a, b) in enumerate(zip(value, got, strict=True)) if a != b]
            self._mismatches += len(wrong)
            if wrong and first is None:
                first = {
                    "name": variable["after"]["name"],
                    "tensor": variable["after"]["source"],
                    "byte": wrong[0],
                    "expected": value[wrong[0]],
                    "got": got[wrong[0]],
                }
        return first
