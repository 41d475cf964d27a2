"""The machine of QEMU that runs a board's images: section ``[qemu]`` of its file."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fwgen.board import Board
from fwgen.board.keys import ADDRESS, ADDRESSES, SENTENCE, WORD, Integer, Key, Listed, Truth
from fwgen.board.sections import Section
from fwgen.errors import DeviceUnavailable, ToolError
from fwgen.host.children import run
from fwgen.host.programs import find_program, why_missing

PROGRAM = "qemu-system-arm"
INSTALL = "apt install qemu-system-arm"


@dataclass(frozen=True)
class QemuMachine:
    """What ``qemu-system-arm -M`` calls the board; ``cpu`` only if not the machine's own.

    The machine's main memory has ``shared_bytes`` from ``shared_base`` on, and other processes may
    map it as a file; 0 bytes if the machine has no such memory. ``notes`` are printed for users of
    the machine. ``since`` is the first major version of QEMU that has the machine, 0 if all do.
    ``icount`` says that it always runs with ``-icount``, not only where instructions are counted.
    """

    machine: str
    cpu: str = ""
    shared_base: int = 0
    shared_bytes: int = 0
    notes: tuple[str, ...] = ()
    since: int = 0
    icount: bool = False

    @property
    def args(self) -> tuple[str, ...]:
        """Arguments of QEMU that choose machine and core."""
        return ("-M", self.machine, *(("-cpu", self.cpu) if self.cpu else ()))

    @property
    def programs(self) -> tuple[str, ...]:
        """What may have the machine: where it is young, first what ``tools/setup`` puts beside this
        Python, which leaves the machine's own QEMU alone."""
        if not self.since:
            return (PROGRAM,)
        own = f"{PROGRAM}-{self.since}"
        return (str(Path(sys.executable).parent / own), own, PROGRAM)

    @property
    def program(self) -> str:
        """The QEMU to start, whether it is there or not."""
        able = (name for name in self.programs if self._problem(name) is None)
        return next(able, PROGRAM)

    def missing(self) -> DeviceUnavailable | None:
        """Why no QEMU of this machine can run images, None if one can."""
        if self._problem(self.program) is None:
            return None
        if self.since and find_program(PROGRAM):
            return DeviceUnavailable(
                f"QEMU {self.since} or later is not here, which has {self.machine}: "
                f"{PROGRAM} {self._problem(PROGRAM)}.",
                tries=("tools/newer_qemu, in a checkout of fwgen",),
            )
        return DeviceUnavailable(
            f"QEMU is not installed: {why_missing(PROGRAM)}.",
            tries=(INSTALL,),
        )

    def _problem(self, name: str) -> str | None:
        """What is wrong with a program, None if it can run the machine."""
        path = find_program(name)
        if path is None:
            return "is not there"
        if not self.since:
            return None
        try:
            major = qemu_major(path)
        except (DeviceUnavailable, ToolError) as error:
            return f"cannot be used: {error.what.rstrip('.')}"
        return None if major >= self.since else f"is version {major}"


def _machine(**values: object) -> QemuMachine:
    made = QemuMachine(**values)  # type: ignore[arg-type]
    if made.shared_base + made.shared_bytes > ADDRESSES:
        raise ValueError("shared_bytes: the memory ends beyond 4 GiB")
    return made


def _check(board: Board, _: tuple[QemuMachine, ...]) -> None:
    """QEMU lets DWT and PMU be read and written, but they stay 0."""
    timer = board.timer
    if timer is not None and timer.unit == "cycles" and timer.simulated is None:
        raise ValueError(
            f"timer.source: {timer.source} counts on silicon only, and QEMU has none: expected "
            "systick, a timer of the machine, timer.simulated, or a board without [qemu]"
        )


SECTION = Section(
    "qemu",
    "The machine of QEMU that runs the board's images.",
    (
        Key("machine", WORD, "what qemu-system-arm -M calls it"),
        Key("cpu", WORD, "what -cpu calls the core, if not the machine's own", ""),
        Key(
            "since", Integer(0, 99), "the first major version of QEMU that has it, if not all do", 0
        ),
        Key("icount", Truth(), "whether it always runs with -icount: else its line is late", False),
        Key("shared_base", ADDRESS, "the address of the machine's main memory, for its NPU", 0),
        Key("shared_bytes", Integer(0, ADDRESSES), "the size of that memory, in bytes", 0),
        Key("notes", Listed(SENTENCE), "sentences told after each run on QEMU", ()),
    ),
    _machine,
    check=_check,
    of_simulator=True,
)


def qemu_major(qemu: str) -> int:
    """The major version of a QEMU. Raises DeviceUnavailable if it is not there or does not run,
    ToolError if it does not say."""
    path = find_program(qemu)
    if path is None:
        raise DeviceUnavailable(f"QEMU is not installed: {why_missing(qemu)}.", tries=(INSTALL,))
    return _major_of(path)


@cache
def _major_of(qemu: str) -> int:
    try:
        done = run([qemu, "--version"])
    except ToolError as error:
        raise DeviceUnavailable(
            f"QEMU does not run: {error.what}", at=qemu, tries=(INSTALL,)
        ) from None
    found = re.search(r"version (\d+)", done.stdout)
    if not found:
        raise ToolError("QEMU does not say its version.", at=qemu)
    return int(found[1])


def machine_of(board: Board) -> QemuMachine:
    """The machine of a board that QEMU suits."""
    machine = board.section(SECTION)
    assert machine is not None, "QEMU suits the board"
    return machine
