"""A host's side of an LPM01A, as MLCommons' runner has it: set by ``power_manager_lpm.py`` of its
``benchmark/runner``, samples added up by ``print_energy_results`` of its ``main.py``."""

from __future__ import annotations

import re
import time

import serial

_SET_UP = (
    *("htc", "pwr off", "acqtime inf", "trigdelay 0", "trigsrc sw", "eventsrc d7 fal"),
    *("output energy", "format ascii_dec", "freq 1k", "volt 1800m", "pwr on nostatus", "start"),
)
LIMIT_S = 30.0


class Meter:
    """A probe at a serial port, which acquires from now on."""

    def __init__(self, port: str) -> None:
        self._line = serial.Serial(port, 3_686_400, timeout=0.1)
        self._heard = b""
        for command in _SET_UP:
            self._line.write(f"{command}\r\n".encode())
            assert self._read_line() == f"PowerShield > ack {command}"

    def window_joules(self) -> float:
        """The energy between the next two edges."""
        energy, edges = 0.0, 0
        while edges < 2:
            line = self._read_line()
            edges += re.fullmatch(r"event \d+ ris", line) is not None
            sample = re.fullmatch(r"(\d{4})([+-]\d{2})", line)
            if sample and edges == 1:
                energy += int(sample[1]) * 10.0 ** int(sample[2])
        return energy

    def close(self) -> None:
        self._line.close()

    def _read_line(self) -> str:
        until = time.monotonic() + LIMIT_S
        while b"\n" not in self._heard:
            assert time.monotonic() < until, "the meter is silent"
            self._heard += self._line.read(max(1, self._line.in_waiting))
        line, self._heard = self._heard.split(b"\n", 1)
        return line.decode().strip()
