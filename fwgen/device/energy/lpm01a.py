"""ST's X-NUCLEO-LPM01A (PowerShield), which feeds the board, and sends energies as text.

Commands, answers, samples and time stamps are those of ST's manual UM2269 (Getting started with
PowerShield firmware), sections 4.3 and 4.4. The command ``eventsrc`` and the lines ``event N ris``
are not in it: firmware of the probe that MLCommons' energy tests use has them. The binary form of
samples is not used: it has 12 bits, and no tag for an event.

The probe sends the energy of each millisecond, and after each 1000 of them the time. So a loss is
known by the thousand.
"""

from __future__ import annotations

import re
from collections import deque

from fwgen.device.energy.energy_faults import EnergyDoubt, EnergyProbeLost, NoEnergyProbe
from fwgen.device.energy.port_meter import PortMeter, PortProbe
from fwgen.device.energy.probe import MeterWindow, Supply
from fwgen.device.energy.sample_stream import SampleStream
from fwgen.device.link import FirmwareWindow
from fwgen.device.serial.port import SerialPort
from fwgen.errors import printable

RATE_HZ = 1000
BLOCK = 1000  # samples between two time stamps
VOLTS = (1.8, 3.3)
RANGE_A = (100e-9, 50e-3)
"""Currents that may vary, by the probe's list of commands; the limit of `currthres` is its end."""

ANSWER_S = 3.0
END_S = 3.0  # for the samples that the probe still holds when it is told to stop
_BLOCK_S = 3.0 + 2 * BLOCK / RATE_HZ  # until the next time stamp
_MOST_LINE = 200
_KEPT_LINES = 64
_SHOWN = 60

_SAMPLE = re.compile(rb"([0-9]{4})([+-][0-9]{2})")
_STAMP = re.compile(rb"TimeStamp: ([0-9]{3})s ([0-9]{3})ms, buff +([0-9]{1,3})%")
_EVENT = re.compile(rb"event ([0-9]{1,9}) (?:ris|fal)")
_STAMPS_MS = 1_000_000
"""Time stamps have three digits of seconds."""

_SETTINGS = (
    *("acqtime inf", "trigdelay 0", "trigsrc sw", "acqmode dyn"),
    *("eventsrc d7 fal", "output energy", "format ascii_dec", f"freq {RATE_HZ // 1000}k"),
)


class Lpm01aMeter(PortMeter):
    """An LPM01A at a port, controlled by us."""

    rate_hz = float(RATE_HZ)
    range_a = RANGE_A
    source = "lpm01a"

    def __init__(self, port: SerialPort) -> None:
        super().__init__(port)
        self._rest = b""
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._stream = SampleStream()
        self._acquires = False
        self._begin_block(0)
        self._events = 0
        self._trouble = ""
        self._controlled = self._feeds = False
        self._most_joules = float("inf")

    def supply(self, supply: Supply) -> None:
        """Switch the board on. It stays so until the end, unless it was fed before."""
        if not supply.fed:
            raise NoEnergyProbe(
                "An LPM01A always feeds the board that it measures.", at="--energy-own-supply"
            )
        volts = supply.volts
        if volts is None or not VOLTS[0] <= volts <= VOLTS[1]:
            given = "nothing" if volts is None else f"{volts:g} V"
            raise NoEnergyProbe(
                f"The LPM01A feeds a board with {VOLTS[0]} to {VOLTS[1]} V, {given} was asked for.",
                at="--energy-volts",
                tries=("--energy-volts V, what the board is made for",),
            )
        self.volts = volts
        self._most_joules = RANGE_A[1] * volts / RATE_HZ
        for setting in ("htc", "pwr off", *_SETTINGS, f"volt {round(volts * 1000)}m"):
            self._controlled = True
            self.command(setting)
        self._feeds = True
        self.command("pwr on nostatus")

    def arm(self) -> None:
        self._stop()
        with self._news:
            self._stream = SampleStream()
            self._begin_block(0)
            self._events, self._trouble = 0, ""
            self._acquires = True
        self.command("start")

    def window(self, told: FirmwareWindow) -> MeterWindow:
        done = self.wait_for(lambda: self._stream.complete or bool(self._trouble), _BLOCK_S)
        with self._news:
            stream, trouble = self._stream, self._trouble
        self._stop()
        if trouble:
            raise EnergyDoubt(trouble, at=self.source)
        if not done:
            raise self._incomplete(stream)
        return stream.window()

    def identify(self) -> None:
        """Ask who it is. Raises NoEnergyProbe for another device."""
        self.send(b"\r\nstop\r\n")  # if it still runs for a host that is gone
        self.wait_for(lambda: False, 0.2)
        self._rest = b""
        answer = self._ask("powershield")
        found = re.search(r"ack powershield[: ]*(.*)", answer or "")
        if found is None:
            said = f"It says {printable(answer[:_SHOWN])!r}" if answer else "It says nothing"
            raise NoEnergyProbe(
                f"What is at this port is no LPM01A. {said}.",
                at=self._port.place.asked,
                tries=("--energy lpm01a:PORT, that of the probe and not of the board",),
            )
        self.source = f"lpm01a {printable(found[1].strip()[:_SHOWN])}".strip()

    def command(self, text: str) -> None:
        """Have the probe obey. Raises NoEnergyProbe if it refuses, EnergyProbeLost if it does not
        answer."""
        answer = self._ask(text)
        if answer is None:
            raise EnergyProbeLost(
                f"The energy probe did not answer `{text}` within {ANSWER_S:g} s.", at=self.source
            )
        if "ack" not in answer:
            tries = (
                ("firmware of the probe that knows eventsrc, as MLCommons' energy tests need",)
                if text.startswith("eventsrc")
                else ()
            )
            said = printable(answer[:_SHOWN])
            raise NoEnergyProbe(
                f"The energy probe refused `{text}`: {said}.", at=self.source, tries=tries
            )

    def leave(self) -> None:
        feeds, controlled = self._feeds, self._controlled
        self._feeds = self._controlled = False
        self._stop()
        if feeds:
            self.command("pwr off")
        if controlled:
            self.command("hrc")

    def take(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = rest[-_MOST_LINE:]
        for line in lines:
            if line:
                self._take_line(line)

    def _take_line(self, line: bytes) -> None:
        if (sample := _SAMPLE.fullmatch(line)) is not None:
            joules = float(sample[1]) * 10.0 ** int(sample[2])
            if joules <= self._most_joules * 1.01:  # else it is damaged, and missing in its block
                self._stream.add(joules, clipped=joules >= 0.999 * self._most_joules)
        elif (stamp := _STAMP.fullmatch(line)) is not None:
            self._end_block(int(stamp[1]) * 1000 + int(stamp[2]))
        elif (event := _EVENT.fullmatch(line)) is not None:
            if int(event[1]) != self._events:
                self._trouble = (
                    f"The probe told of edge {int(event[1]):,} where {self._events:,} was expected."
                )
            self._events += 1
            self._stream.mark()
        else:
            text = line.decode("ascii", "replace").strip()
            if self._acquires and text.lower().startswith("error") and "ack" not in text:
                self._trouble = f"The probe stopped: {printable(text[:_SHOWN])}."
            self._lines.append(text)

    def _begin_block(self, ms: int) -> None:
        self._block_ms, self._block_from = ms, self._stream.samples

    def _end_block(self, ms: int) -> None:
        """A time stamp: as many samples must have come since the one before as time has passed."""
        expected = (ms - self._block_ms) % _STAMPS_MS * RATE_HZ // 1000
        got = self._stream.samples - self._block_from
        if expected != got:
            self._stream.lose(abs(expected - got), self._block_from)
        self._stream.known = self._stream.samples
        self._begin_block(ms)

    def _ask(self, text: str) -> str | None:
        """The line that answers a command, None if none comes."""
        with self._news:
            self._lines.clear()
        self.send(f"{text}\r\n".encode())
        word = text.split()[0]
        found: list[str] = []

        def answered() -> bool:
            found[:] = [
                line
                for line in self._lines
                if re.search(rf"\b(ack|err\w*) +{re.escape(word)}", line)
            ]
            return bool(found)

        if self.wait_for(answered, ANSWER_S):
            return found[0]
        with self._news:
            return " ".join(self._lines) or None

    def _stop(self) -> None:
        """End the acquisition, if one runs, and wait until all is here that the probe holds."""
        if not self._acquires:
            return
        self._acquires = False
        self.command("stop")
        self.wait_for(
            lambda: any(line in ("end", "Acquisition completed") for line in self._lines), END_S
        )

    def _incomplete(self, stream: SampleStream) -> EnergyDoubt:
        if stream.edges < 2:
            return EnergyDoubt(
                f"{stream.edges or 'No'} edges came at pin D7 of the probe, two were expected.",
                at=self.source,
                tries=("a wire from the trigger pin of the board to D7 of the probe",),
            )
        return EnergyDoubt(
            "No time stamp came after the window, so that nobody knows what was lost.",
            at=self.source,
        )


class Lpm01a(PortProbe):
    """Probes by the USB ids of ST's virtual port."""

    name = "lpm01a"
    what = "ST LPM01A energy probe"
    usb = (0x0483, 0x5740)
    baud = 3_686_400

    def meter(self, port: SerialPort) -> Lpm01aMeter:
        return Lpm01aMeter(port)

    def identify(self, meter: PortMeter) -> None:
        assert isinstance(meter, Lpm01aMeter)
        meter.identify()


PROBE = Lpm01a()
