"""Joulescopes (JS110, JS220), through the package pyjoulescope_driver of their maker.

A Joulescope lies between the board and its supply, and measures current and voltage. Two streams
come in pieces, each with the number of its first sample at 2 MHz. One is the power, as float32. The
other is the input ``gpi 0``, a bit a sample, the lowest bit of a byte first. Numbers that are left
out are lost.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fwgen.board import Board
from fwgen.device.energy.energy_faults import EnergyDoubt, EnergyProbeLost, NoEnergyProbe
from fwgen.device.energy.probe import EnergyProbe, FoundProbe, Meter, MeterWindow, Supply
from fwgen.device.energy.sample_stream import SampleStream
from fwgen.device.link import FirmwareWindow
from fwgen.errors import DeviceUnavailable, printable
from fwgen.host.packages import install
from fwgen.host.patience import Patience
from fwgen.host.prerequisite import Prerequisite

PACKAGE = "pyjoulescope_driver"
IDS_HZ = 2_000_000
"""The rate of the numbers of samples."""

PREREQUISITES = (
    Prerequisite(
        "pyjoulescope-driver",
        "fwgen run --energy joulescope",
        install(PACKAGE),
        package="pyjoulescope-driver",
    ),
)

POWER, INPUT = "s/p", "s/gpi/0"
EDGE_S = 3.0  # for the samples that are still on their way
FIRST_S = 5.0
_SLICE_S = 0.1
_MOST_WAITING = 20 * IDS_HZ
"""By how many numbers the power may be ahead of the input."""


class JoulescopeDriver(Protocol):
    """What is used of the package's ``Driver``."""

    def device_paths(self) -> list[str]: ...
    def open(self, device_prefix: str, mode: str | None = None) -> None: ...
    def close(self, device_prefix: str) -> None: ...
    def publish(self, topic: str, value: object, timeout: float | None = None) -> None: ...
    def subscribe(self, topic: str, flags: object, fn: object) -> None: ...
    def unsubscribe(self, topic: str, fn: object) -> None: ...
    def finalize(self) -> None: ...


class JoinedStreams:
    """Pieces of both streams, in whatever order they come -> a SampleStream with edges."""

    def __init__(self) -> None:
        self.stream = SampleStream()
        self.rate_hz = 0.0
        self._waiting: deque[tuple[int, int, npt.NDArray[np.float64]]] = deque()
        self._power_at: int | None = None  # the number of the next sample
        self._input_at: int | None = None
        self._level: bool | None = None
        self._edges: deque[int] = deque()
        self._holes: deque[tuple[int, int]] = deque()

    def take_power(self, first: int, step: int, watts: npt.NDArray[np.float64]) -> None:
        """Powers of the samples ``first``, ``first + step``, ..."""
        if not len(watts):
            return
        self.rate_hz = IDS_HZ / step
        if self._power_at is not None and first != self._power_at:
            self._holes.append((first, abs(first - self._power_at) // step))
        self._waiting.append((first, step, watts))
        self._power_at = first + step * len(watts)
        if self._power_at - self._waiting[0][0] > _MOST_WAITING:
            self._holes.append((self._waiting[0][0], len(self._waiting.popleft()[2])))
        self._join()

    def take_input(self, first: int, step: int, levels: npt.NDArray[np.bool_]) -> None:
        """Levels of the input at the samples ``first``, ``first + step``, ..."""
        if not len(levels):
            return
        if self._input_at is not None and first > self._input_at:
            missing = first - self._input_at
            self._holes.append((first, int(missing * self.rate_hz / IDS_HZ) or 1))
        before = levels[0] if self._level is None else self._level
        falls = np.flatnonzero(np.concatenate(([before], levels[:-1])) & ~levels)
        self._edges.extend(first + step * int(fall) for fall in falls)
        self._level = bool(levels[-1])
        self._input_at = first + step * len(levels)
        self._join()

    def _join(self) -> None:
        """Add the powers up to where the input is known, and the edges among them."""
        while self._waiting and self._input_at is not None:
            first, step, watts = self._waiting[0]
            end = first + step * len(watts)
            if end > self._input_at:
                return
            self._waiting.popleft()
            at = 0
            for number, lost in sorted(self._due(end)):
                index = max(at, min(len(watts), -(-(number - first) // step)))
                self._add(watts[at:index], step)
                at = index
                if lost:
                    self.stream.lose(lost)
                else:
                    self.stream.mark()
            self._add(watts[at:], step)
            self.stream.known = self.stream.samples

    def _due(self, end: int) -> list[tuple[int, int]]:
        """Edges (0) and losses before the number ``end``."""
        due = []
        while self._edges and self._edges[0] < end:
            due.append((self._edges.popleft(), 0))
        while self._holes and self._holes[0][0] < end:
            due.append(self._holes.popleft())
        return due

    def _add(self, watts: npt.NDArray[np.float64], step: int) -> None:
        sound = np.isfinite(watts)
        good = int(sound.sum())
        self.stream.add(float(watts[sound].sum()) * step / IDS_HZ, good)
        if good < len(watts):
            self.stream.lose(len(watts) - good, max(0, self.stream.samples - good))


class JoulescopeMeter(Meter):
    """A Joulescope that is open by ``driver``."""

    range_a = (0.0, 10.0)

    def __init__(self, driver: JoulescopeDriver, path: str) -> None:
        self.source = f"joulescope {path}"
        self._driver, self._path = driver, path
        self._news = threading.Condition()
        self._streams = JoinedStreams()
        self._listens = False
        self._open = True
        driver.open(path, "restore")  # and not to its defaults, which switch the board off

    @property
    def rate_hz(self) -> float:  # type: ignore[override]
        """As the probe says with its samples; half of its numbers' rate before it does."""
        return self._streams.rate_hz or IDS_HZ / 2

    def supply(self, supply: Supply) -> None:
        """Let the supply through to the board."""
        if supply.volts is not None:
            raise NoEnergyProbe(
                "A Joulescope measures the voltage of the board, and feeds none.",
                at="--energy-volts",
                tries=("the same without --energy-volts",),
            )
        self._publish("s/i/range/mode", "auto")

    def arm(self) -> None:
        self._stop()
        with self._news:
            self._streams = JoinedStreams()
        self._listens = True
        for signal, heard in ((INPUT, self._on_input), (POWER, self._on_power)):
            self._driver.subscribe(f"{self._path}/{signal}/!data", "pub", heard)
            self._publish(f"{signal}/ctrl", 1)
        if not self._wait(first=True, limit_s=FIRST_S):
            raise EnergyProbeLost("The Joulescope sends no samples.", at=self.source)

    def window(self, told: FirmwareWindow) -> MeterWindow:
        done = self._wait(first=False, limit_s=EDGE_S)
        with self._news:
            stream = self._streams.stream
            known = stream.samples / self.rate_hz
        self._stop()
        if done:
            return stream.window()
        if known < told.seconds:
            raise EnergyProbeLost(
                f"The Joulescope sent {known:.3g} s of samples, and the window has "
                f"{told.seconds:.3g} s.",
                at=self.source,
                tries=("look at its plug",),
            )
        raise EnergyDoubt(
            f"{stream.edges or 'No'} edges came at gpi 0 of the probe, two were expected.",
            at=self.source,
            tries=("a wire from the trigger pin of the board to input 0 of the Joulescope",),
        )

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        self._stop()
        with suppress(Exception):  # the package raises many kinds for a probe that is gone
            self._driver.close(self._path)
        with suppress(Exception):
            self._driver.finalize()

    def _publish(self, topic: str, value: object) -> None:
        try:
            self._driver.publish(f"{self._path}/{topic}", value)
        except Exception as error:
            raise EnergyProbeLost(
                f"The Joulescope does not obey: {printable(str(error))}.", at=self.source
            ) from None

    def _stop(self) -> None:
        if not self._listens:
            return
        self._listens = False
        for signal, heard in ((INPUT, self._on_input), (POWER, self._on_power)):
            with suppress(Exception):
                self._driver.publish(f"{self._path}/{signal}/ctrl", 0)
            with suppress(Exception):
                self._driver.unsubscribe(f"{self._path}/{signal}/!data", heard)

    def _wait(self, *, first: bool, limit_s: float) -> bool:
        clock = Patience()
        with self._news:
            while True:
                stream = self._streams.stream
                if stream.samples if first else stream.complete:
                    return True
                if clock() >= limit_s:
                    return False
                self._news.wait(_SLICE_S)

    def _on_power(self, topic: str, value: dict[str, Any]) -> None:
        with self._news:
            self._streams.take_power(
                int(value["sample_id"]),
                int(value["decimate_factor"]),
                np.asarray(value["data"], np.float64),
            )
            self._news.notify_all()

    def _on_input(self, topic: str, value: dict[str, Any]) -> None:
        bits = np.unpackbits(np.asarray(value["data"], np.uint8), bitorder="little")
        with self._news:
            self._streams.take_input(
                int(value["sample_id"]), int(value["decimate_factor"]), bits.astype(np.bool_)
            )
            self._news.notify_all()


class Joulescope(EnergyProbe):
    """All that the package finds."""

    name = "joulescope"
    what = "Joulescope energy probe"

    def missing(self) -> DeviceUnavailable | None:
        try:
            import pyjoulescope_driver  # noqa: F401, whether it is there
        except ImportError:
            return DeviceUnavailable(
                "The package pyjoulescope_driver is not installed, which talks to Joulescopes.",
                at=f"--energy {self.name}",
                tries=(install(PACKAGE),),
            )
        return None

    def found(self) -> tuple[FoundProbe, ...]:
        driver = _driver()
        try:
            return tuple(FoundProbe(path) for path in driver.device_paths())
        finally:
            driver.finalize()

    def open(self, name: str, board: Board) -> JoulescopeMeter:
        driver = _driver()
        try:
            return JoulescopeMeter(driver, name)
        except Exception as error:
            found = driver.device_paths()
            driver.finalize()
            raise NoEnergyProbe(
                f"The Joulescope cannot be opened: {printable(str(error))}.",
                at=f"--energy {self.name}:{name}",
                tries=tuple(f"--energy {self.name}:{path}" for path in found)
                or ("plug it in, and end other programs that use it",),
            ) from None


def _driver() -> JoulescopeDriver:
    from pyjoulescope_driver import Driver

    made: JoulescopeDriver = Driver()
    return made


PROBE = Joulescope()
