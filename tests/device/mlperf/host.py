"""A host for a device of MLPerf Tiny, in place of the runners of MLCommons and EEMBC.

It asks what they ask, as they ask it: see ``device_under_test.py``, ``script.py`` and ``main.py``
of ``benchmark/runner`` in mlcommons/tiny. It shares no code with fwgen's own link.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import serial

ATTEMPTS, ATTEMPT_S = 20, 2.0
PERFORMANCE_BYTES, ENERGY_BYTES = 31, 26
"""Of a file in a command, from the host itself and through an interface board."""


@dataclass(frozen=True)
class Inferred:
    """The answer to ``infer``: results, and timestamps in microseconds, none in energy mode."""

    results: list[float]
    laps: list[int]
    lines: list[str]


class Host:
    """A device at a serial port. ``piece`` is how many bytes of a file go into a command."""

    def __init__(self, port: str, baud: int = 115_200, piece: int = PERFORMANCE_BYTES) -> None:
        self._line = serial.Serial(port, baud, timeout=0.1)
        self._piece = piece
        self._heard = b""
        self._await_device()

    def _await_device(self) -> None:
        """Until it answers: what comes before its line is on drops what it hears."""
        for word in (f"here{number}" for number in range(ATTEMPTS)):
            self._send(word)
            try:
                while f"e-[Unknown command: {word}]" not in self._read_line(ATTEMPT_S):
                    pass
                self._read_line(ATTEMPT_S)
                return
            except TimeoutError:
                pass
        raise TimeoutError("the device does not come up")

    def close(self) -> None:
        self._line.close()

    def ask(self, command: str, limit_s: float = 30.0) -> list[str]:
        """The lines of an answer, the one with ``m-ready`` included; ``limit_s`` is for a line."""
        self._send(command)
        lines: list[str] = []
        while not lines or "m-ready" not in lines[-1]:
            lines.append(self._read_line(limit_s))
        return lines

    def _send(self, command: str) -> None:
        self._line.write(f"{command}%".encode())

    def _read_line(self, limit_s: float) -> str:
        until = time.monotonic() + limit_s
        while b"\n" not in self._heard:
            self._heard += self._line.read(max(1, self._line.in_waiting))
            if b"\n" not in self._heard and time.monotonic() > until:
                raise TimeoutError(f"the device is silent: {self._heard!r}")
        line, self._heard = self._heard.split(b"\n", 1)
        return line.decode().strip("\r\0")

    def identify(self) -> tuple[str, str, str]:
        """Name, profile and model, which choose the script of the test."""
        name = re.fullmatch(r"m-name-dut-\[([^]]+)]", self.ask("name")[0])
        said = "\n".join(self.ask("profile"))
        profile = re.search(r"^m-profile-\[([^]]+)]$", said, re.MULTILINE)
        model = re.search(r"^m-model-\[([^]]+)]$", said, re.MULTILINE)
        assert name and profile and model, said
        return name[1], profile[1], model[1]

    def load(self, file: bytes) -> None:
        """A file of the data set, or a window of one."""
        said = self.ask(f"db load {len(file)}")
        assert said[0] == f"m-[Expecting {len(file)} bytes]", said
        for at in range(0, len(file), self._piece):
            said = self.ask(f"db {file[at : at + self._piece].hex()}")
        assert said == ["m-load-done", "m-ready"], said

    def infer(self, count: int, warm_ups: int) -> Inferred:
        lines = self.ask(f"infer {count} {warm_ups}", 30.0)
        results: list[float] = []
        laps: list[int] = []
        for line in lines:
            if found := re.fullmatch(r"m-results-\[([^]]+)]", line):
                results = [float(value) for value in found[1].split(",")]
            if found := re.fullmatch(r"m-lap-us-(\d+)", line):
                laps.append(int(found[1]))
        return Inferred(results, laps, lines)

    def performance(self, file: bytes, count: int, warm_ups: int, rounds: int = 5) -> float:
        """The median of inferences in a second, by the device's clock."""
        rates = []
        for _ in range(rounds):
            self.load(file)
            start, stop = self.infer(count, warm_ups).laps
            rates.append(count / (stop - start) * 1e6)
        return statistics.median(rates)

    def accuracy(self, files: Sequence[bytes]) -> list[list[float]]:
        """The results of each file."""
        found = []
        for file in files:
            self.load(file)
            found.append(self.infer(1, 0).results)
        return found
