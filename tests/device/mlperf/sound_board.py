"""The interface board of the streaming task: it plays sound to the device, and notes its pins.

On QEMU sound goes by the device's second serial line, on which ``fw_sound_line.c`` shows the pins.
The clock is that of the sound: a step of the device is at the end of its samples, whenever QEMU has
come to it. How long a step takes is by this machine's clock, and says nothing of the device.
"""

from __future__ import annotations

import socket
import time
import wave
from pathlib import Path

import numpy as np

from tests.device.mlperf.interface_board import InterfaceBoard

STEP_SAMPLES, RATE_HZ = 512, 16_000
TICKS_PER_S = 100_000
PATIENCE_S = 60.0


class SoundBoard(InterfaceBoard):
    """``sound`` is the path of the second line's socket, ``folder`` the card with the files."""

    def __init__(self, device: str, sound: Path, folder: Path) -> None:
        self._folder = folder
        self._sound = socket.socket(socket.AF_UNIX)
        self._sound.connect(str(sound))
        self._sound.settimeout(0.05)
        self.detections_ms: list[int] = []
        self._starts: list[int] = []
        self._stops: list[int] = []
        super().__init__(device, 115_200)

    def _own_answer(self, command: str, *words: str) -> list[str]:
        if command == "play":
            self._play(self._folder / words[0])
        elif command == "record_detections":
            self.detections_ms, self._starts, self._stops = [], [], []
        elif command == "print_detections":
            return ["Detection Timestamps (ms)", *(f"{each}," for each in self.detections_ms)]
        elif command == "print_dutycycle":
            times = [",".join(map(str, each)) for each in (self._starts, self._stops)]
            return ["Duty cycle start times (s)", times[0], "Duty cycle stop times (s)", times[1]]
        return super()._own_answer(command, *words)

    def _play(self, path: Path) -> None:
        """The left channel of a file, and what the pins show until its last whole step is done."""
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getsampwidth()) == (RATE_HZ, 2)
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            left = samples[:: file.getnchannels()]
        steps = len(left) // STEP_SAMPLES
        for number in range(steps):
            self._sound.sendall(left[number * STEP_SAMPLES :][:STEP_SAMPLES].tobytes())
            self._watch((number + 1) * STEP_SAMPLES / RATE_HZ)

    def _watch(self, now_s: float) -> None:
        """One step, which begins at this time of the sound."""
        until = time.monotonic() + PATIENCE_S
        shown, began = b"", 0.0
        while not shown.endswith(b"-"):
            assert time.monotonic() < until, shown
            try:
                shown += self._sound.recv(1)
            except TimeoutError:
                continue
            began = time.monotonic() if shown == b"+" else began
        assert shown in (b"+-", b"+!-"), shown
        if b"!" in shown:
            self.detections_ms.append(round(now_s * 1000))
        self._starts.append(round(now_s * TICKS_PER_S))
        took_s = time.monotonic() - began
        self._stops.append(self._starts[-1] + max(1, round(took_s * TICKS_PER_S)))

    def close(self) -> None:
        super().close()
        self._sound.close()
