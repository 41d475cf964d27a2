"""ST's X-NUCLEO-LPM01A at a pseudo terminal, with firmware that marks edges in its stream.

In a test, ``Lpm01aStandIn(watts)`` is a probe at ``port``. Its time is the caller's: ``pass_time``
sends the samples of so many seconds, ``edge`` is a falling edge at its pin D7, ``unplug`` pulls the
plug. So a known power over a known time gives a known energy, however busy the machine is.

For programs that are no Python:

    python -m tests.device.energy.lpm01a_stand_in --watts 0.01

prints the path of the port, and then obeys lines of its standard input, each answered by ``ok``:
``pass SECONDS``, ``edge``, ``drain`` (wait until the host has read all), ``unplug``.

Commands, answers and the text form of samples are those of ST's manual UM2269, section 4, and the
events those that MLCommons' runner of energy tests takes.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import select
import struct
import sys
import termios
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress

PROMPT = "PowerShield > "
BOARD_ID = "540619864-1110659081-4784204"
SLICE_S = 0.02
BLOCK = 1000  # samples between two time stamps
_UNITS = {"": 1.0, "u": 1e-6, "m": 1e-3, "k": 1e3}
_SETTINGS = {
    "volt": r"(1[89]|2[0-9]|3[0-2])[0-9]{2}m|3300m",
    "freq": r"(100|50|20|10|5|2|1)k?|[52]00",
    "acqtime": r"inf|[0-9]+[um]?",
    "acqmode": "dyn|stat",
    "funcmode": "optim|high",
    "output": "current|energy",
    "format": "ascii_dec|bin_hexa",
    "trigsrc": "sw|d7",
    "trigdelay": r"[0-9]+[um]?",
    "eventsrc": "(d7|d2|d3) (fal|ris)",
    "currthre": r"[0-9]+[um]?",
    "pwr": "(auto|on|off)( (no)?status)?",
    "pwrend": "on|off",
    "lcd": r'[12] ".{1,16}"',
}
"""What may follow each command that sets something."""

_PLAIN = ("htc", "hrc", "start", "stop", "psrst", "status")


def number(text: str) -> float:
    """A number as the probe's commands have it: 1k, 3300m."""
    digits = text.rstrip("umk")
    return float(digits) * _UNITS[text[len(digits) :]]


def four_digits(value: float) -> bytes:
    """A sample in text: 6409-07 is 6409 times ten to the power of -7."""
    if value <= 0:
        return b"0000-00"
    digits, _, power = f"{value:.3e}".partition("e")
    exponent = int(power) - 3
    return f"{digits.replace('.', '')}{'-' if exponent < 0 else '+'}{abs(exponent):02d}".encode()


class Lpm01aStandIn:
    """The probe. ``watts`` is the power at a time since the acquisition began. Samples with the
    numbers ``dropped`` are never sent."""

    def __init__(
        self,
        watts: Callable[[float], float] = lambda _: 0.010,
        dropped: frozenset[int] = frozenset(),
    ) -> None:
        self.watts = watts
        self.dropped = dropped
        self.settings = {"volt": "3300m", "freq": "100", "output": "current", "pwr": "auto"}
        self.heard: list[str] = []
        self.controlled = self.acquiring = False
        self.knows_events = True
        self._samples = self._events = 0
        self._late_s = 0.0  # time that is not yet a whole sample
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        os.set_blocking(self._far, False)
        self.port = os.ttyname(self._near)
        self._gone = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._obey_all, daemon=True)
        self._thread.start()

    @property
    def powers(self) -> bool:
        """Whether it feeds the board."""
        return self.settings["pwr"].split()[0] == "on"

    def pass_time(self, seconds: float) -> None:
        """So much time passes: if an acquisition runs, its samples are sent."""
        with self._lock:
            if not self.acquiring:
                return
            interval_s = 1.0 / number(self.settings["freq"])
            self._late_s += seconds
            out = bytearray()
            while self._late_s >= interval_s * (1 - 1e-9):
                self._late_s -= interval_s
                out += self._sample(interval_s)
            self._say(bytes(out))

    def edge(self) -> None:
        """The pin falls."""
        with self._lock:
            if self.acquiring and "eventsrc" in self.settings:
                self._say(b"event %d ris\r\n" % self._events)
                self._events += 1

    def inject(self, data: bytes) -> None:
        """Send what no probe would: noise."""
        with self._lock:
            self._say(data)

    def drain(self, limit_s: float = 10.0) -> None:
        """Wait until the host has read all that was sent."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until and self._near >= 0:
            (waiting,) = struct.unpack("i", fcntl.ioctl(self._near, termios.FIONREAD, b"\0" * 4))
            if not waiting:
                return
            time.sleep(0.005)

    def unplug(self) -> None:
        """The device is gone, and its port with it."""
        self._gone.set()
        self._thread.join()
        with self._lock:
            if self._far >= 0:
                os.close(self._far)
                self._far = -1

    def close(self) -> None:
        """Nothing is left of it."""
        self.unplug()
        near, self._near = self._near, -1
        if near >= 0:
            os.close(near)

    def __enter__(self) -> Lpm01aStandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sample(self, interval_s: float) -> bytes:
        watts = self.watts((self._samples + 0.5) * interval_s)
        energy = self.settings["output"] == "energy"
        value = watts * interval_s if energy else watts / number(self.settings["volt"])
        out = b"" if self._samples in self.dropped else four_digits(value) + b"\r\n"
        self._samples += 1
        if self._samples % BLOCK == 0:
            ms = round(self._samples * interval_s * 1000)
            out += b"\r\nTimeStamp: %03ds %03dms, buff 00%%\r\n" % (ms // 1000 % 1000, ms % 1000)
        return out

    def _say(self, data: bytes) -> None:
        while data and not self._gone.is_set():
            if select.select([], [self._far], [], SLICE_S)[1]:
                with suppress(BlockingIOError):
                    data = data[os.write(self._far, data) :]

    def _obey_all(self) -> None:
        heard = b""
        while not self._gone.is_set():
            if not select.select([self._far], [], [], SLICE_S)[0]:
                continue
            heard += os.read(self._far, 4096)
            while (found := re.match(rb"([^\r\n]*)[\r\n]+", heard)) is not None:
                heard = heard[found.end() :]
                command = found[1].decode("latin-1").strip()
                if command:
                    with self._lock:
                        self.heard.append(command)
                        self._say(self._answer(command))

    def _answer(self, command: str) -> bytes:
        name, _, rest = command.partition(" ")
        if command == "powershield":
            return f"{PROMPT}ack powershield {BOARD_ID}\r\n".encode()
        if command == "version":
            return f"{PROMPT}ack version: 1.0.6\r\n".encode()
        known = name in _SETTINGS and re.fullmatch(_SETTINGS[name], rest) is not None
        if name == "eventsrc" and not self.knows_events:
            known = False
        if not known and command not in _PLAIN:
            return f"{PROMPT}error {command}\r\nError detail: wrong command\r\n".encode()
        if not self.controlled and command not in ("htc", "psrst", "status"):
            return f"{PROMPT}error {command}\r\nError detail: not controlled by host\r\n".encode()
        return f"{PROMPT}ack {command}\r\n".encode() + self._do(name, rest)

    def _do(self, name: str, rest: str) -> bytes:
        if name in _SETTINGS:
            self.settings[name] = rest
        elif name in ("htc", "hrc"):
            self.controlled = name == "htc"
        elif name == "start":
            self.acquiring, self._late_s = True, 0.0
            self._samples = self._events = 0
        elif name == "stop" and self.acquiring:
            self.acquiring = False
            return b"Acquisition completed\r\n"
        return b""


def main() -> None:
    """Obey lines of standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watts", type=float, default=0.010)
    watts = parser.parse_args().watts
    with Lpm01aStandIn(lambda _: watts) as probe:
        print(probe.port, flush=True)
        for line in sys.stdin:
            word, _, rest = line.strip().partition(" ")
            if word == "pass":
                probe.pass_time(float(rest))
            else:
                {"edge": probe.edge, "drain": probe.drain, "unplug": probe.unplug}[word]()
            print("ok", flush=True)


if __name__ == "__main__":
    main()
