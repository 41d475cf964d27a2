"""The decoder of weights, which is Vela's, in a process of its own: a corrupted stream can crash
it, but not fwgen.

Run as a program, this module is that process. It reads streams from stdin, each after its length in
4 bytes, and answers with the number of weights in 4 bytes and 16 bits per weight.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault, ToolError
from fwgen.host.packages import install

SECONDS = 60
"""For a stream; one of 2**24 weights takes 5."""

MOST_BYTES = 1 << 32
"""Of the process's memory."""

_LENGTH = struct.Struct("<I")


class Decoder:
    """Starts the process when the first stream is to be decoded, and again after a crash."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def decode(self, stream: bytes) -> npt.NDArray[np.int64]:
        """The weights in the stream's order. Raises DeviceFault, or ToolError without Vela."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(_LENGTH.pack(len(stream)) + stream)
            process.stdin.flush()
            head = process.stdout.read(_LENGTH.size)
            count = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else -1
            data = process.stdout.read(2 * count) if count >= 0 else b""
        except OSError:
            count, data = -1, b""
        if count < 0 or len(data) < 2 * count:
            self.close()
            raise DeviceFault("The NPU's weight stream is corrupted: it cannot be decoded.")
        return np.frombuffer(data, "<i2").astype(np.int64)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def __del__(self) -> None:
        self.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            if find_spec("ethosu") is None:
                raise ToolError(
                    "The NPU's weights cannot be decoded without Vela's codec.",
                    tries=(install("ethosu"),),
                )
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process


def _serve() -> None:
    import resource
    import signal

    from ethosu import mlw_codec

    # a corrupted stream may stand for any number of weights: then the process ends, as in a crash
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    while len(head := sys.stdin.buffer.read(_LENGTH.size)) == _LENGTH.size:
        stream = sys.stdin.buffer.read(_LENGTH.unpack(head)[0])
        signal.alarm(SECONDS)
        weights = np.array(mlw_codec.decode(bytearray(stream)), dtype="<i2")
        signal.alarm(0)
        sys.stdout.buffer.write(_LENGTH.pack(len(weights)) + weights.tobytes())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
