"""The transcript of a stream: somebody who is shown all bytes that pass."""

from __future__ import annotations

from typing import Protocol

from fwgen.device.link.lines import Stream


class Transcript(Protocol):
    """Whoever is shown what passes; it raises nothing."""

    def told(self, data: bytes) -> None:
        """The host writes ``data``, and the device may not have taken it."""

    def heard(self, data: bytes) -> None:
        """The device has said ``data``, in pieces as they came."""


class Witnessed:
    """``stream`` as it is, with all that passes shown to ``transcript``."""

    def __init__(self, stream: Stream, transcript: Transcript) -> None:
        self._stream = stream
        self._transcript = transcript

    def read(self, timeout_s: float) -> bytes:
        data = self._stream.read(timeout_s)
        if data:
            self._transcript.heard(data)
        return data

    def write(self, data: bytes) -> None:
        self._transcript.told(data)
        self._stream.write(data)

    def close(self) -> None:
        self._stream.close()


def witnessed(stream: Stream, transcript: Transcript | None) -> Stream:
    """The stream, shown to ``transcript`` if there is one."""
    return stream if transcript is None else Witnessed(stream, transcript)
