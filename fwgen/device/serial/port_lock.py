"""The lock of a port or a probe: one owner at a time, of whom others are told who it is.

What is locked is a file of the user's, named by the port's key. The system unlocks it when its
process ends in any way. Beside it is a note of who owns it: process, command, and since when.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Callable
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
_NAME = 100  # longest name of a file that is taken from a key
_LOOK_S = 0.05


@dataclass(frozen=True)
class Waiting:
    """How long to wait for ``what``, a port or a probe, if another process owns it.

    ``tell`` gets a sentence about the owner once, when the waiting begins.
    """

    what: str = "port"
    limit_s: float = 0.0
    tell: Callable[[str], None] = lambda text: None


AT_ONCE = Waiting()
"""A port that is used is not waited for."""


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

    def __init__(self, key: str, asked: str, waiting: Waiting = AT_ONCE) -> None:
        """Take it. Raises DeviceUnavailable if another owns it, or if there is no place for it."""
        from filelock import FileLock

        folder = state_folder(f"{waiting.what}s")
        if folder is None:
            raise DeviceUnavailable(
                f"There is no folder to note in who uses a {waiting.what}.",
                at=os.environ.get("XDG_STATE_HOME", "~/.local/state"),
                tries=("XDG_STATE_HOME=FOLDER, one that can be written",),
            )
        name = _file_name(key)
        self._note = folder / f"{name}.owner.json"
        self._lock: BaseFileLock = FileLock(folder / f"{name}.lock")
        self._acquire(asked, waiting)
        with suppress(OSError):
            replace_file(self._note, json.dumps(asdict(_self())).encode())

    def _acquire(self, asked: str, waiting: Waiting) -> None:
        from filelock import Timeout

        begin = time.monotonic()
        told = False
        while True:
            try:
                self._lock.acquire(timeout=0)
                return
            except Timeout:
                owner, waited_s = _read(self._note), time.monotonic() - begin
                # an owner without a note is about to say who it is, or about to be gone
                if waited_s > (waiting.limit_s if owner else max(waiting.limit_s, NOTE_S)):
                    raise _busy(asked, owner, waiting) from None
                if owner is not None and not told:
                    told = True
                    waiting.tell(f"{_used(owner, waiting)}; it is waited for")
                time.sleep(_LOOK_S if owner else 0.01)
            except OSError as error:
                raise DeviceUnavailable(
                    f"The {waiting.what} cannot be locked: {error.strerror or error}.",
                    at=str(self._note.parent),
                ) from None

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


def _file_name(key: str) -> str:
    """A name that no other key of a sensible length has."""
    name = re.sub(r"[^A-Za-z0-9.-]", "_", key).lstrip(".")
    if len(name) <= _NAME:
        return name
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    return f"{name[: _NAME // 2]}-{digest[:16]}"


def _used(owner: Owner | None, waiting: Waiting) -> str:
    by = str(owner) if owner else "another process of fwgen's"
    return f"The {waiting.what} is used by {by}"


def _busy(asked: str, owner: Owner | None, waiting: Waiting) -> DeviceUnavailable:
    """The error that tells who has the port."""
    waited = f", and it was so for {waiting.limit_s:g} s" if waiting.limit_s else ""
    ends = (f"kill {owner.pid}, if that is not wanted any more",) if owner else ()
    return DeviceUnavailable(
        f"{_used(owner, waiting)}{waited}.",
        at=asked,
        tries=("wait for its end", *ends),
    )
