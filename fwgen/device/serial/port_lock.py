"""The lock of a port: one owner at a time, whose process, command and start others are told.

What is locked is a file of the user's, named by the port's key. The system unlocks it when its
process ends in any way. Beside it is a note of who owns it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fwgen.errors import DeviceUnavailable
from fwgen.host.cache import replace_file, state_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock

NOTE_S = 1.0  # for an owner to write its note
_WORD = 200  # longest part of a command that is told


@dataclass(frozen=True)
class Owner:
    """Who owns a port: process ``pid`` of ``user``, which runs ``command`` ``since`` a time of the
    day."""

    pid: int
    user: str
    command: str
    since: str

    def __str__(self) -> str:
        return f"pid {self.pid} of {self.user} ({self.command}) since {self.since}"

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:  # it is somebody else's
            pass
        return True


class PortLock:
    """The lock of the port with a key, for this process until ``release``."""

    def __init__(self, key: str, asked: str) -> None:
        """Take it. Raises DeviceUnavailable if another owns it, or if there is no place for it."""
        from filelock import FileLock, Timeout

        folder = state_folder("ports")
        if folder is None:
            raise DeviceUnavailable(
                "There is no folder to note in who uses a port.",
                at=os.environ.get("XDG_STATE_HOME", "~/.local/state"),
                tries=("XDG_STATE_HOME=FOLDER, one that can be written",),
            )
        name = re.sub(r"[^A-Za-z0-9.-]", "_", key).lstrip(".")
        self._note = folder / f"{name}.owner.json"
        self._lock: BaseFileLock = FileLock(folder / f"{name}.lock")
        until = time.monotonic() + NOTE_S
        while True:
            try:
                self._lock.acquire(timeout=0)
                break
            except Timeout:
                owner = _read(self._note)
                if owner is not None or time.monotonic() > until:
                    raise _busy(asked, owner) from None
                time.sleep(0.01)  # the owner is about to say who it is, or about to be gone
            except OSError as error:
                raise DeviceUnavailable(
                    f"The port cannot be locked: {error.strerror or error}.", at=str(folder)
                ) from None
        with suppress(OSError):
            replace_file(self._note, json.dumps(asdict(_self())).encode())

    def release(self) -> None:
        """Let others have it. May be called again."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._note.unlink(missing_ok=True)
            self._lock.release()


def _self() -> Owner:
    words = [os.path.basename(sys.argv[0]) or "python", *sys.argv[1:]]
    user = os.environ.get("USER") or os.environ.get("LOGNAME") or str(os.getuid())
    return Owner(os.getpid(), user, " ".join(words)[:_WORD], time.strftime("%H:%M"))


def _read(note: Path) -> Owner | None:
    """Who owns a lock, None while that is not known; nobody whose process is gone does."""
    try:
        content = json.loads(note.read_text())
        owner = Owner(
            *(int(content["pid"]), str(content["user"])),
            *(str(content["command"]), str(content["since"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return owner if owner.runs else None


def _busy(asked: str, owner: Owner | None) -> DeviceUnavailable:
    """The error that tells who has the port."""
    by = str(owner) if owner else "another process of fwgen's"
    ends = (f"kill {owner.pid}, if that is not wanted any more",) if owner else ()
    return DeviceUnavailable(
        f"The port is used by {by}.", at=asked, tries=("wait for its end", *ends)
    )
