"""A firmware that runs, seen from its serial line: shares no code with fwgen's own link."""

from __future__ import annotations

import binascii
import os
import re
import select
import subprocess
import zlib
from pathlib import Path
from types import TracebackType

from fwgen.board import load_board
from fwgen.device.run.qemu_machine import SECTION
from fwgen.host.patience import Patience

ICOUNT_SHIFT = 8
READY = b"m-ready\r\n"
EOT = b"\x04"


class Device:
    """An image running on QEMU, or natively, until the ``with`` block ends."""

    def __init__(self, board: str, image: Path, *, icount: bool = True) -> None:
        qemu = load_board(board).section(SECTION)
        command = [str(image)]
        if qemu is not None:
            command = [qemu.program, "-M", qemu.machine, "-nographic", "-monitor", "none"]
            command += ["-serial", "stdio", "-kernel", str(image)]
            command += ["-semihosting-config", "enable=on,target=native"]
            command += ["-icount", f"shift={ICOUNT_SHIFT}"] if icount else []
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._heard = b""

    def __enter__(self) -> Device:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)

    def until(self, end: bytes, timeout_s: float = 60.0) -> bytes:
        """What the device says up to and with ``end``."""
        assert self._process.stdout is not None
        clock = Patience(self.pid)
        while end not in self._heard:
            left = max(0.0, timeout_s - clock())
            readable, _, _ = select.select([self._process.stdout], [], [], left)
            data = os.read(self._process.stdout.fileno(), 65536) if readable else b""
            assert data, f"no {end!r} came: {self._heard[-500:]!r}"
            self._heard += data
        length = self._heard.index(end) + len(end)
        said, self._heard = self._heard[:length], self._heard[length:]
        return said

    def ask(self, command: str, raw: bytes = b"") -> list[str]:
        """The lines of the answer to a command, whose checksums are right."""
        self.send(command.encode("latin-1") + b"%" + raw)
        return answer_lines(self.until(READY))

    def load(self, data: bytes) -> None:
        """Bulk-load the inputs."""
        crc = zlib.crc32(data)
        lines = self.ask(f"fw-load {len(data)}", data + crc.to_bytes(4, "little"))
        assert lines == [f"m-fw-load-[bytes={len(data)},crc={crc:08x}]"]


def answer_lines(said: bytes) -> list[str]:
    """Lines without the closing ``m-ready``; checksums of ``m-fw-`` lines are checked and cut."""
    lines = said.decode("ascii").split("\r\n")
    assert lines[-2:] == ["m-ready", ""]
    return [checked(line) for line in lines[:-2]]


def checked(line: str) -> str:
    """A line without its checksum, which must be there on fwgen's own lines and be right."""
    if not line.startswith("m-fw-"):
        return line
    text, crc = line.rsplit("*", 1)
    assert crc == f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}", line
    return text


def dumped(lines: list[str], word: str) -> bytes:
    """The bytes that ``fw-out`` or ``fw-dump`` printed, whose offsets, length and CRC are right."""
    data = b""
    for line in lines[:-1]:
        match = re.fullmatch(rf"m-fw-{word}-\[(\d+)=((?:[0-9a-f]{{2}}){{1,32}})\]", line)
        assert match and int(match[1]) == len(data), line
        data += bytes.fromhex(match[2])
    assert lines[-1] == f"m-fw-{word}-[bytes={len(data)},crc={zlib.crc32(data):08x}]"
    return data
