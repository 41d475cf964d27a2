"""A place of the farm that is ours: its keeper, a process, holds it for as long as we want."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fwgen.device.farm.labgrid_python import CLIENT, INSTALL
from fwgen.device.farm.unwell_places import forget_unwell, note_unwell, unwell
from fwgen.errors import (
    DeviceFault,
    DeviceUnavailable,
    FwgenError,
    ToolError,
    UsageError,
    printable,
)
from fwgen.host.scratch import scratch_file
from fwgen.host.stop import held_back

ANSWER_S = 60.0
"""Longest time that the keeper takes for a step, power cycle and start included."""

LOAD_S = 600.0
"""For a driver of labgrid's to write an image."""

END_S = 30.0
"""For the keeper to give the place back and end."""

_TRIES = {
    "install": INSTALL,
    "absent": (
        "--coordinator HOST[:PORT] or LG_COORDINATOR, where it is",
        "start one: labgrid-coordinator, and labgrid-exporter where boards are",
    ),
    "busy": (f"{CLIENT} who, which tells who has what", "--place-timeout S, to wait longer"),
}
"""What helps, by the keeper's words for what is not there."""

_KEEPER = Path(__file__).with_name("place_keeper.py")
_ANSWER_BYTES = 1 << 20
_SAID_BYTES = 500


@dataclass(frozen=True)
class PlaceWish:
    """Which place is to be taken.

    ``place`` is a name, an alias, or ``+TOKEN`` of a reservation; without one it is any that has
    all ``tags``. Others may have it for ``wait_s`` more.
    """

    place: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 600.0


class HeldPlace:
    """The place ``name`` of the coordinator at ``coordinator``, ours until ``release``.

    The keeper gives it back also when this process ends in another way. Raises DeviceUnavailable
    for a coordinator that is not there and a place that stays busy, UsageError for one that
    nobody knows, DeviceFault for one that labgrid cannot get ready.
    """

    def __init__(self, python: str, coordinator: str | None, wish: PlaceWish) -> None:
        self.name = ""
        self.coordinator = coordinator or "its coordinator"
        self._said = scratch_file()
        self._kept = b""
        with held_back():
            self._keeper = _started(python, self._said.fileno())
        try:
            self.coordinator = str(self._ask("open", coordinator=coordinator)["coordinator"])
            wished = {"place": wish.place, "tags": {**wish.tags}, "wait_s": wish.wait_s}
            avoid = unwell(self.coordinator)
            got = self._ask("take", ANSWER_S + wish.wait_s, wish=wished, avoid=avoid)
            self.name = str(got["place"])
        except BaseException:
            self.release()
            raise

    def __str__(self) -> str:
        return f"place {self.name} of {self.coordinator}"

    @property
    def services(self) -> Mapping[str, str]:
        """The place's network services by the names of their resources, as HOST:PORT."""
        found: Mapping[str, str] = self._ask("services")
        return found

    def line(self) -> str:
        """The URL of the serial line, where it is now."""
        found = self._ask("line")
        scheme = "socket" if found["protocol"] == "raw" else "rfc2217"
        host = f"[{found['host']}]" if ":" in found["host"] else found["host"]
        return f"{scheme}://{host}:{found['port']}"

    def cycle(self) -> bool:
        """Switch the board's power off and on; False if the place has no switch."""
        return bool(self._ask("cycle")["done"])

    def load(self, image: Path) -> bool:
        """Have labgrid write an image; False if the place has no driver that would."""
        return bool(self._ask("load", LOAD_S, image=str(image.resolve()))["done"])

    def note(self, well: bool) -> None:
        """Note whether its board works: others are tried before one that does not."""
        (forget_unwell if well else note_unwell)(self.coordinator, self.name)

    def release(self) -> None:
        """Give it back. May be called again."""
        with held_back():
            if self._keeper.returncode is None:
                _end(self._keeper)
                self._said.close()

    def _ask(self, step: str, limit_s: float | None = None, **words: object) -> dict[str, Any]:
        """What the keeper returns for a step."""
        pipe = self._keeper.stdin
        assert pipe is not None
        with suppress(OSError):  # reading tells why
            pipe.write(json.dumps({"do": step, **words}).encode() + b"\n")
            pipe.flush()
        line = self._line(time.monotonic() + (ANSWER_S if limit_s is None else limit_s))
        try:
            answer = json.loads(line)
        except ValueError:
            raise self._broken(printable(line.decode("utf-8", "replace"))) from None
        if "ok" in answer:
            ok: dict[str, Any] = answer["ok"]
            return ok
        raise self._refused(str(answer["kind"]), str(answer["error"]), str(answer["at"]))

    def _refused(self, kind: str, what: str, at: str) -> FwgenError:
        """What the keeper refuses, by its kind."""
        if kind == "unknown":
            return UsageError(what, at=self._where(at), tries=(f"{CLIENT} places",))
        tries = _TRIES.get(kind)
        if tries is not None:
            return DeviceUnavailable(what, at=at, tries=tries)
        if kind == "unready":
            note_unwell(self.coordinator, at)
        shown = f"{CLIENT} -p {at or self.name} show, and the exporter's log"
        return DeviceFault(what, at=self._where(at), tries=(shown,))

    def _where(self, more: str) -> str:
        place = str(self) if self.name else self.coordinator
        return f"{place}: {more}" if more else place

    def _line(self, until: float) -> bytes:
        """The keeper's next line."""
        assert self._keeper.stdout is not None
        source = self._keeper.stdout.fileno()
        while b"\n" not in self._kept and len(self._kept) < _ANSWER_BYTES:
            left = until - time.monotonic()
            if left <= 0 or not select.select([source], [], [], left)[0]:
                raise DeviceFault("labgrid does not answer.", at=self._where(self._words()))
            data = os.read(source, 1 << 16)
            if not data:
                raise self._broken(self._words())
            self._kept += data
        line, _, self._kept = self._kept.partition(b"\n")
        return line

    def _broken(self, said: str) -> ToolError:
        return ToolError(
            "What talks to labgrid ended, or was no Python.",
            at=self._where(said),
            tries=("--labgrid DIR or LABGRID, the environment that labgrid is in",),
        )

    def _words(self) -> str:
        """The last that labgrid said."""
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _SAID_BYTES))
        return printable(self._said.read().decode("utf-8", "replace").strip()) or "it said nothing"


def _started(python: str, said: int) -> subprocess.Popen[bytes]:
    """The keeper, in a process group of its own: a terminal's Ctrl-C is not for it."""
    try:
        return subprocess.Popen(
            [python, "-E", str(_KEEPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            process_group=0,
        )
    except OSError as error:
        raise ToolError(f"Python could not be started: {error.strerror}.", at=python) from None


def _end(keeper: subprocess.Popen[bytes]) -> None:
    """End its input, and wait until it has given the place back; kill it if it does not."""
    try:
        keeper.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(keeper.pid, signal.SIGKILL)
        keeper.communicate()
