"""A meter at a serial port, which is read all the time, so that nothing piles up and is lost."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable
from contextlib import suppress

from fwgen.board import Board
from fwgen.device.energy.energy_faults import EnergyProbeLost, NoEnergyProbe
from fwgen.device.energy.probe import EnergyProbe, FoundProbe, Meter
from fwgen.device.serial.port import SerialPort, open_port
from fwgen.device.serial.ports import USB, ListedPort, best_name, find_place, list_ports
from fwgen.errors import DeviceUnavailable, FwgenError
from fwgen.host.patience import Patience

SLICE_S = 0.1  # longest wait of the thread that reads, and of one look at what it got


class PortMeter(Meter):
    """A meter at an open port. What it hears goes through ``take``, in a thread of its own."""

    def __init__(self, port: SerialPort) -> None:
        self._port = port
        self._news = threading.Condition()
        self._fault: Exception | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @abstractmethod
    def take(self, data: bytes) -> None:
        """Take bytes that came."""

    def listen(self) -> None:
        """Begin to read."""
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Send bytes. That the port is gone is told by the next ``wait_for``."""
        try:
            self._port.write(data)
        except FwgenError as error:
            raise self._lost(error) from None

    def wait_for(self, ready: Callable[[], bool], limit_s: float) -> bool:
        """Wait until something is so; False if it is not in time. Raises EnergyProbeLost."""
        clock = Patience()
        with self._news:
            while not ready():
                if isinstance(self._fault, FwgenError):
                    raise self._lost(self._fault)
                if self._fault is not None:
                    raise self._fault
                if clock() >= limit_s:
                    return False
                self._news.wait(SLICE_S)
        return True

    @abstractmethod
    def leave(self) -> None:
        """End what runs in the probe, as the port is closed. May be called again."""

    def close(self) -> None:
        try:
            # a probe that is gone has been told where it mattered
            with suppress(EnergyProbeLost, NoEnergyProbe):
                self.leave()
        finally:
            self._closed = True
            if self._thread.is_alive():
                self._thread.join()
            self._port.close()

    def _lost(self, error: FwgenError) -> EnergyProbeLost:
        return EnergyProbeLost(
            f"The energy probe is gone. {error.what}",
            at=self._port.place.asked,
            tries=("look at its plug", "measure again"),
        )

    def _listen(self) -> None:
        while not self._closed:
            try:
                data = self._port.read(SLICE_S)
                if data:
                    with self._news:
                        self.take(data)
                        self._news.notify_all()
            except Exception as error:  # whoever waits is told, whatever it is
                with self._news:
                    self._fault = error
                    self._news.notify_all()
                return


class PortProbe(EnergyProbe):
    """A kind of probe at serial ports, known by the ids ``usb`` of its USB port."""

    usb: tuple[int, int]
    baud: int

    def found(self) -> tuple[FoundProbe, ...]:
        ports = self.ports()
        return tuple(FoundProbe(best_name(port, ports), str(port)) for port in ports)

    def ports(self) -> tuple[ListedPort, ...]:
        """The ports of this machine that are such probes."""
        return tuple(port for port in list_ports() if (port.vid, port.pid) == self.usb)

    def open(self, name: str, board: Board) -> Meter:
        meter = self.meter(self._open_port(name))
        try:
            meter.listen()
            self.identify(meter)
        except BaseException:
            meter.close()
            raise
        return meter

    @abstractmethod
    def meter(self, port: SerialPort) -> PortMeter:
        """A meter at that port."""

    @abstractmethod
    def identify(self, meter: PortMeter) -> None:
        """Make sure that it is such a probe, in the state in which it is to be. Raises
        NoEnergyProbe."""

    def _open_port(self, name: str) -> SerialPort:
        try:
            known = self.ports() if name.startswith(USB) else None
            return open_port(find_place(name, known), self.baud)
        except DeviceUnavailable as error:
            raise NoEnergyProbe(
                f"The {self.what} cannot be reached. {error.what}",
                at=f"--energy {self.name}:{name}",
                tries=tuple(
                    each.replace("--port ", f"--energy {self.name}:") for each in error.tries
                )
                or ("plug it in",),
            ) from None
