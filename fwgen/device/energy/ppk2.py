"""PPK2, Nordic's Power Profiler Kit II: 100,000 currents a second, each with a counter.

The commands, the metadata and the calibration are those of Nordic's own program
(pc-nrfconnect-ppk). A sample is a word of 32 bits, little endian. From bit 0 on it has the
converter, from bit 14 the range, from bit 18 a counter, from bit 24 the inputs D0 to D7.

The counter has six bits, so that a loss of 64 samples cannot be told from none, nor one of 65 from
one. Where it shows a loss, as much counts as lost as the firmware's clock says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.device.energy.energy_faults import (
    EnergyDoubt,
    EnergyProbeLost,
    NoEnergyProbe,
)
from fwgen.device.energy.port_meter import PortMeter, PortProbe
from fwgen.device.energy.probe import MeterWindow, Supply
from fwgen.device.energy.sample_stream import SampleStream
from fwgen.device.link import FirmwareWindow
from fwgen.device.serial.port import SerialPort
from fwgen.device.serial.ports import ListedPort
from fwgen.errors import printable

RATE_HZ = 100_000
RANGES = 5
MILLIVOLTS = (800, 5000)

START, STOP, POWER, VOLTAGE, MODE, METADATA = 0x06, 0x07, 0x0C, 0x0D, 0x11, 0x19
METER, SOURCE = 1, 2  # of MODE

ANSWER_S = 3.0
QUIET_S = 0.2  # without a byte: what was sent before is over
EDGE_S = 3.0  # for the samples that are still on their way
_SHOWN = 60
_MOST_TEXT = 8192
_FULL = 0x3FFF
_VOLTS_PER_COUNT = 1.8 / 163840
_CONSTANTS = ("R", "GS", "GI", "O", "S", "I", "UG")
_LINE = re.compile(r"^([A-Z]+)([0-4]): *(-?nan|[-+0-9.eE]+)\r?$", re.MULTILINE)

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Calibration:
    """The constants of the probe, of each for each range: ``R`` is a resistance in ohm, the others
    correct offset and gain."""

    constants: dict[str, Floats]

    @property
    def lacks(self) -> npt.NDArray[np.bool_]:
        """For each range, whether it is not calibrated."""
        return np.asarray(np.isnan([*self.constants.values()]).any(axis=0))

    def amperes(
        self, counts: npt.NDArray[np.int64], ranges: npt.NDArray[np.int64], volts: float
    ) -> Floats:
        """Currents of samples of the converter, at a supply of so many volts."""
        r, gs, gi, o, s, i, ug = (self.constants[name][ranges] for name in _CONSTANTS)
        raw = (counts * 4 - o) * (_VOLTS_PER_COUNT / r)
        result: Floats = ug * (raw * (gs * raw + gi) + s * volts + i)
        return result


def read_calibration(text: str) -> Calibration | None:
    """The constants in the probe's metadata, None if one is missing, or no number. Of a range that
    is not calibrated they may be "nan"."""
    found = {(name, int(n)): value for name, n, value in _LINE.findall(text)}
    try:
        rows = {
            name: np.array([float(found[name, n]) for n in range(RANGES)]) for name in _CONSTANTS
        }
    except (KeyError, ValueError):
        return None
    return None if (rows["R"] <= 0).any() or np.isinf([*rows.values()]).any() else Calibration(rows)


class Ppk2Meter(PortMeter):
    """A PPK2 at a port."""

    rate_hz = float(RATE_HZ)
    range_a = (0.0, 1.0)
    source = "ppk2"

    def __init__(self, port: SerialPort) -> None:
        super().__init__(port)
        self._heard = 0
        self._text = bytearray()
        self._rest = b""
        self._stream = SampleStream()
        self._acquires = self._feeds = False
        self._counter: int | None = None
        self._level: bool | None = None
        self._calibration: Calibration | None = None
        self._uncalibrated: int | None = None  # the range of a sample without calibration

    def identify(self) -> None:
        """Read the constants of the probe. Raises NoEnergyProbe for another device."""
        self.send(bytes([STOP]))
        self._wait_quiet()
        with self._news:
            self._text.clear()
        self.send(bytes([METADATA]))
        ended = self.wait_for(lambda: b"END" in self._text, ANSWER_S)
        with self._news:
            text = self._text.decode("ascii", "replace")
        self._calibration = read_calibration(text)
        if self._calibration is not None:
            return
        at = self._port.place.asked
        if ended and "R0:" in text:
            raise NoEnergyProbe("The PPK2 has no complete calibration.", at=at)
        said = f"It says {printable(text[:_SHOWN])!r}" if text else "It says nothing"
        raise NoEnergyProbe(
            f"What is at this port is no PPK2. {said}.",
            at=at,
            tries=("--energy ppk2:PORT, the first port of the probe and not the board's",),
        )

    def supply(self, supply: Supply) -> None:
        """Feed the board, or close the way from its own supply to it."""
        least, most = MILLIVOLTS
        millivolts = round((supply.volts or 0.0) * 1000)
        if not least <= millivolts <= most:
            given = "nothing" if supply.volts is None else f"{supply.volts:g} V"
            raise NoEnergyProbe(
                f"A PPK2 takes boards of {least / 1000:g} to {most / 1000:g} V, {given} was said.",
                at="--energy-volts",
                tries=("--energy-volts V, what the board is made for, or has from its own supply",),
            )
        self.volts = millivolts / 1000
        self.send(bytes([MODE, SOURCE if supply.fed else METER]))
        self.send(bytes([VOLTAGE, *millivolts.to_bytes(2, "big")]))
        self.send(bytes([POWER, 1]))
        self._feeds = supply.fed

    def arm(self) -> None:
        self._stop()
        with self._news:
            self._stream = SampleStream()
            self._rest, self._counter, self._level = b"", None, None
            self._uncalibrated = None
            self._acquires = True
        self.send(bytes([START]))
        if not self.wait_for(lambda: self._stream.samples > 0, ANSWER_S):
            raise EnergyProbeLost("The energy probe sends no samples.", at=self.source)

    def window(self, told: FirmwareWindow) -> MeterWindow:
        done = self.wait_for(lambda: self._stream.complete, EDGE_S)
        self._stop()
        if not done:
            raise EnergyDoubt(
                f"{self._stream.edges or 'No'} edges came at input D0 of the probe, two were "
                "expected.",
                at=self.source,
                tries=(
                    "wires from the trigger pin of the board to D0 of the probe, from its ground "
                    "to GND, and from its supply to VCC beside D0",
                ),
            )
        if self._uncalibrated is not None:
            raise EnergyDoubt(
                f"The probe has no calibration of range {self._uncalibrated}, which it was in.",
                at=self.source,
            )
        window = self._stream.window()
        if not window.lost:
            return window
        by_clock = round(told.seconds * RATE_HZ) - window.samples
        return MeterWindow(
            window.joules,
            window.samples,
            max(window.lost, by_clock),
            window.clipped,
            window.edges,
        )

    def take(self, data: bytes) -> None:
        self._heard += len(data)
        if not self._acquires:
            self._text += data[: max(0, _MOST_TEXT - len(self._text))]
            return
        data = self._rest + data
        whole = len(data) // 4 * 4
        self._rest = data[whole:]
        if whole:
            self._take_words(np.frombuffer(data[:whole], "<u4").astype(np.int64))

    def leave(self) -> None:
        feeds, self._feeds = self._feeds, False
        self._stop()
        if feeds:
            self.send(bytes([POWER, 0]))

    def _take_words(self, words: Whole) -> None:
        counts, ranges = words & _FULL, words >> 14 & 7
        full = counts == _FULL
        # Full in a lower range: the probe has not changed to the next one yet.
        sound = (ranges < RANGES) & ~(full & (ranges < RANGES - 1))
        assert self._calibration is not None and self.volts is not None
        amperes = self._calibration.amperes(counts, np.minimum(ranges, RANGES - 1), self.volts)
        lacking = ranges[sound][self._calibration.lacks[ranges[sound]]]
        if len(lacking):
            self._uncalibrated = int(lacking[0])
        joules = np.where(sound, amperes * (self.volts / RATE_HZ), 0.0)
        sums = [np.concatenate(([0.0], np.cumsum(each))) for each in (joules, sound, sound & full)]
        at = 0

        def add_up_to(end: int) -> None:
            energy, samples, clipped = (float(each[end] - each[at]) for each in sums)
            self._stream.add(energy, int(samples), int(clipped))

        for index, lost in self._events(words, sound):
            add_up_to(index)
            at = index
            if lost:
                self._stream.lose(lost)
            else:
                self._stream.mark()
        add_up_to(len(words))
        self._stream.known = self._stream.samples

    def _events(self, words: Whole, sound: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Where something is before or at a sample, in order: how many are lost, 0 for an edge."""
        counter = words >> 18 & 63
        before = counter[0] - 1 if self._counter is None else self._counter
        gaps = (np.diff(counter, prepend=before) - 1) & 63
        self._counter = int(counter[-1])
        level = (words >> 24 & 1).astype(np.bool_)
        first = level[0] if self._level is None else self._level
        falls = np.concatenate(([first], level[:-1])) & ~level
        self._level = bool(level[-1])
        events = [(int(index), int(gaps[index])) for index in np.flatnonzero(gaps)]
        events += [(int(index), 1) for index in np.flatnonzero(~sound)]
        events += [(int(index), 0) for index in np.flatnonzero(falls)]
        return sorted(events)

    def _stop(self) -> None:
        """End the acquisition, if one runs, and let what is on its way pass."""
        if self._acquires:
            self.send(bytes([STOP]))
            self._wait_quiet()
            with self._news:
                self._acquires = False

    def _wait_quiet(self) -> None:
        """Wait until nothing comes any more, but not for ever."""
        rounds = int(ANSWER_S / QUIET_S)
        for _ in range(rounds):
            heard = self._heard
            if not self.wait_for(lambda: self._heard != heard, QUIET_S):  # noqa: B023, called here
                return


class Ppk2(PortProbe):
    """Probes by Nordic's USB ids. Of its two ports the first one measures."""

    name = "ppk2"
    what = "Nordic PPK2 energy probe"
    usb = (0x1915, 0xC00A)
    baud = 115_200

    def ports(self) -> tuple[ListedPort, ...]:
        firsts: dict[str, ListedPort] = {}
        for port in sorted(super().ports(), key=_interface):
            firsts.setdefault(port.serial_number or port.device, port)
        return tuple(firsts.values())

    def meter(self, port: SerialPort) -> Ppk2Meter:
        return Ppk2Meter(port)

    def identify(self, meter: PortMeter) -> None:
        assert isinstance(meter, Ppk2Meter)
        meter.identify()


def _interface(port: ListedPort) -> tuple[int, str]:
    """The number of the port in its device, as the system tells it: 1-4:1.3 has 3."""
    found = re.search(r"\.([0-9]+)$", port.location or "")
    return (int(found[1]) if found else 0, port.device)


PROBE = Ppk2()
