"""The machine of QEMU that runs a board's images: section ``[qemu]`` of its file."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.board import Board
from fwgen.board.keys import ADDRESS, ADDRESSES, SENTENCE, WORD, Integer, Key, Listed
from fwgen.board.sections import Section

PROGRAM = "qemu-system-arm"


@dataclass(frozen=True)
class QemuMachine:
    """What ``qemu-system-arm -M`` calls the board; ``cpu`` only if not the machine's own.

    The machine's main memory has ``shared_bytes`` from ``shared_base`` on, and other processes may
    map it as a file; 0 bytes if the machine has no such memory. ``notes`` are printed for users of
    the machine.
    """

    machine: str
    cpu: str = ""
    shared_base: int = 0
    shared_bytes: int = 0
    notes: tuple[str, ...] = ()

    @property
    def args(self) -> tuple[str, ...]:
        """Arguments of QEMU that choose machine and core."""
        return ("-M", self.machine, *(("-cpu", self.cpu) if self.cpu else ()))


def _machine(**values: object) -> QemuMachine:
    made = QemuMachine(**values)  # type: ignore[arg-type]
    if made.shared_base + made.shared_bytes > ADDRESSES:
        raise ValueError("shared_bytes: the memory ends beyond 4 GiB")
    return made


def _check(board: Board, _: tuple[QemuMachine, ...]) -> None:
    """QEMU lets DWT and PMU be read and written, but they stay 0."""
    timer = board.timer
    if timer is not None and timer.unit == "cycles":
        raise ValueError(
            f"timer.source: {timer.source} counts on silicon only, and QEMU has none: expected "
            "systick, a timer of the machine, or a board without [qemu]"
        )


SECTION = Section(
    "qemu",
    "The machine of QEMU that runs the board's images.",
    (
        Key("machine", WORD, "what qemu-system-arm -M calls it"),
        Key("cpu", WORD, "what -cpu calls the core, if not the machine's own", ""),
        Key("shared_base", ADDRESS, "the address of the machine's main memory, for its NPU", 0),
        Key("shared_bytes", Integer(0, ADDRESSES), "the size of that memory, in bytes", 0),
        Key("notes", Listed(SENTENCE), "sentences told after each run on QEMU", ()),
    ),
    _machine,
    check=_check,
)


def machine_of(board: Board) -> QemuMachine:
    """The machine of a board that QEMU suits."""
    machine = board.section(SECTION)
    assert machine is not None, "QEMU suits the board"
    return machine
