"""A debug probe's drive as a folder: it takes a file, goes, writes the chip, and comes back.

Sources: DAPLink's ``vfs_user.c`` for what is on its drive, ``vfs_manager.c`` for when it goes.
"""

from __future__ import annotations

import io
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from intelhex import IntelHex, IntelHexError

LIMIT_S = 20.0
DAPLINK = """# DAPLink Firmware - see https://daplink.io\r
Unique ID: {unique}\r
HIC ID: 97969900\r
Auto Reset: 1\r
Automation allowed: 0\r
Daplink Mode: Interface\r
Interface Version: 0257\r
Remount count: {count}\r
"""
STLINK = "Version: 0221\r\nBuild:   Apr 29 2015 13:11:12\r\n"
SHORTCUT = '<meta http-equiv="refresh" content="0; url=http://mbed.org/device/?code={unique}"/>'


class ProbeDrive:
    """A drive at ``folder`` that serves one file after another within the context.

    ``change`` is what becomes of a file on its way, ``refusal`` what the probe says of each,
    ``start`` has the chip run with what its flash holds by address, and ``back`` is where the drive
    is mounted again.
    """

    def __init__(
        self,
        folder: Path,
        unique: str,
        *,
        daplink: bool = True,
        change: Callable[[bytes], bytes] = lambda data: data,
        refusal: str = "",
        start: Callable[[dict[int, int]], None] = lambda chip: None,
    ) -> None:
        self.folder, self.back = folder, folder
        self.chip: dict[int, int] = {}
        self.taken: list[str] = []
        self._unique, self._daplink = unique, daplink
        self._change, self._refusal, self._start = change, refusal, start
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._mount(folder, "")

    def _mount(self, folder: Path, failure: str) -> None:
        folder.mkdir()
        text = DAPLINK if self._daplink else STLINK
        if failure:
            end = "type: target\r\n" if self._daplink else ""
            (folder / "FAIL.TXT").write_text(f"{'error: ' * self._daplink}{failure}\r\n{end}")
        if not self._daplink:
            (folder / "MBED.HTM").write_text(SHORTCUT.format(unique=self._unique))
        (folder / "DETAILS.TXT").write_text(text.format(unique=self._unique, count=len(self.taken)))

    def _serve(self) -> None:
        while not self._stop.wait(0.02):
            for path in (*self.folder.glob("*.hex"), *self.folder.glob("*.bin")):
                data = path.read_bytes()
                if (path.suffix == ".hex" and b":00000001FF" not in data) or not data:
                    continue
                if path.suffix == ".bin":
                    time.sleep(0.1)  # its end is that nothing comes any more
                    data = path.read_bytes()
                self.taken.append(path.name)
                failure = self._write(self._change(data), path.suffix)
                if not failure:
                    self._start(self.chip)
                shutil.rmtree(self.folder)
                time.sleep(0.2)
                if self.back:
                    self.folder = self.back
                    self._mount(self.folder, failure)

    def _write(self, data: bytes, suffix: str) -> str:
        """What goes wrong, if anything does."""
        if self._refusal:
            return self._refusal
        if suffix == ".bin":
            self.chip |= enumerate(data)
            return ""
        try:
            content = IntelHex(io.StringIO(data.decode("latin-1"))).todict()
        except IntelHexError:
            return "The hex file cannot be decoded. Checksum calculation failure occurred."
        self.chip |= {at: byte for at, byte in content.items() if isinstance(at, int)}
        return ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(LIMIT_S)
