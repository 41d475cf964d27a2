"""A PPK2 at a pseudo terminal: the simulator of the package ppk2lab, which has no code of ours."""

from __future__ import annotations

import os
import select
import threading
import tty
from contextlib import suppress

from ppk2lab.protocol.commands import Opcode
from ppk2lab.testing import StepProfile
from ppk2lab.transport.mock import SimulatedPPK2

SLICE_S = 0.005
PIECE_BYTES = 8192
LOW = 3  # samples for which the pin is low


def window_of(inside: int, ua: float, before: int, idle_ua: float) -> StepProfile:
    """A window of ``inside`` samples at so many microamperes after ``before`` others, with D0 high
    but for the pulses at both edges."""
    return StepProfile(
        [
            (before, idle_ua, 1),
            (LOW, ua, 0),
            (inside - LOW, ua, 1),
            (LOW, idle_ua, 0),
        ],
        default=(idle_ua, 1),
    )


class Ppk2StandIn:
    """The probe at ``port``. Each acquisition has the profile from its beginning."""

    def __init__(self, simulator: SimulatedPPK2) -> None:
        self.simulator = simulator
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        os.set_blocking(self._far, False)
        self.port = os.ttyname(self._near)
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def spoil(self, data: bytes) -> bytes:
        """What becomes of bytes on their way; tests put another in its place."""
        return data

    def unplug(self) -> None:
        """The device is gone, and its port with it."""
        self._gone.set()
        self._thread.join()
        if self._far >= 0:
            os.close(self._far)
            self._far = -1

    def _serve(self) -> None:
        data = b""
        while not self._gone.is_set():
            wants = [self._far] if data else []
            reads, writes, _ = select.select([self._far], wants, [], SLICE_S)
            if reads:
                heard = os.read(self._far, 256)
                if Opcode.START_MEASURING in heard:
                    self.simulator._sample_index = 0  # the profile begins anew
                self.simulator.handle_write(heard)
            if writes:
                with suppress(BlockingIOError):
                    data = data[os.write(self._far, data) :]
            if not data:
                data = self.spoil(self.simulator.read(PIECE_BYTES, 0.0))

    def __enter__(self) -> Ppk2StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()
        os.close(self._near)
