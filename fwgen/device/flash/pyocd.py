"""pyOCD: a Python program for CMSIS-DAP, ST-Link and J-Link probes; section ``[pyocd]``.

Its exit code says little (a bit that flips on the way leaves it 0), and without ``--no-wait`` it
waits for a probe for ever. It would unlock a locked chip, which erases all of it, without asking.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from fwgen.board import Board
from fwgen.board.keys import WORD, Key
from fwgen.board.sections import Section
from fwgen.build.image_formats.image_file import hex_file
from fwgen.build.image_formats.load_segments import LoadSegment
from fwgen.device.flash.flash_faults import LockedChip, NoProbe, ProbeLost
from fwgen.device.flash.flasher import Flasher, FlashProbe, Target
from fwgen.device.flash.tool_run import FlashTool
from fwgen.errors import DeviceFault, DeviceUnavailable, UsageError
from fwgen.host.packages import install
from fwgen.host.scratch import scratch_folder

LIMIT_S = 60.0
BYTES_PER_S = 2_000
"""The slowest wire to expect."""


@dataclass(frozen=True)
class PyocdTarget:
    """What pyOCD calls the board's chip."""

    target: str


SECTION = Section(
    "pyocd",
    "The board's chip for pyOCD, which writes it through a debug probe.",
    (Key("target", WORD, "what `pyocd list --targets` calls the chip"),),
    PyocdTarget,
)

TOOL = FlashTool(
    "pyOCD",
    ("pyocd",),
    {
        NoProbe: r"No (?:connected|available) debug probes?|Connection refused"
        r"|unable to connect to remote",
        UsageError: r"[Tt]arget type '?[^' ]*'? (?:is )?not recognized",
        # ADIv5 has a bit for an AP through which nothing may be reached
        LockedChip: r"APPROTECT enabled|[Ff]lash security|is locked|permanently locked"
        r"|AP#\d+ because it is disabled",
        ProbeLost: r"[Nn]o such device|has been disconnected|Connection reset|Broken pipe"
        r"|[Tt]ransfer (?:fault|timed out)|remote probe .*closed",
    },
    (install("pyocd"),),
)

PREREQUISITES = (TOOL.needed_for("fwgen flash, boards with [pyocd]"),)


@dataclass(frozen=True)
class PyocdAccess(Target):
    """A chip at a probe, each step a process of its own."""

    target: str
    probe: str

    def write(self, segments: Sequence[LoadSegment]) -> None:
        with scratch_folder() as folder:
            (folder / "image.hex").write_bytes(hex_file(segments))
            size = sum(len(segment.data) for segment in segments)
            args = ("load", *self._args(self.target), "--no-reset", "image.hex")
            TOOL.run(args, folder, LIMIT_S + size / BYTES_PER_S)

    def read(self, extents: Sequence[tuple[int, int]]) -> list[bytes]:
        with scratch_folder() as folder:
            commands = [
                word
                for number, (address, size) in enumerate(extents)
                for word in ("-c", f"savemem {address:#x} {size} {number}.bin")
            ]
            size = sum(size for _, size in extents)
            # the chip's own name is not believed before its identification has been read
            said = TOOL.run(
                ("cmd", *self._args("cortex_m"), "-M", "halt", *commands),
                folder,
                LIMIT_S + size / BYTES_PER_S,
            )
            try:
                return [(folder / f"{n}.bin").read_bytes() for n in range(len(extents))]
            except FileNotFoundError:  # and exit code 0
                raise TOOL.failure(said, commands) from None

    def reset(self) -> None:
        with scratch_folder() as folder:
            TOOL.run(("reset", *self._args(self.target)), folder, LIMIT_S)

    def _args(self, target: str) -> tuple[str, ...]:
        return (
            *("--no-wait", "--no-config", "-O", "auto_unlock=false"),
            *("-u", self.probe, "-t", target),
        )


class Pyocd(Flasher):
    """Boards with ``[pyocd]``, at any probe that pyOCD knows."""

    name = "pyocd"
    rank = 1

    def suits(self, board: Board) -> bool:
        return board.section(SECTION) is not None

    def missing(self, board: Board) -> DeviceUnavailable | None:
        return TOOL.missing()

    def probes(self, board: Board | None) -> tuple[FlashProbe, ...]:
        if TOOL.missing():
            return ()
        with scratch_folder() as folder:
            said = TOOL.run(("json", "--probes"), folder, LIMIT_S)
        try:
            found = json.loads(said[said.index("{") :])["boards"]
            return tuple(
                FlashProbe(
                    str(one["unique_id"]),
                    ", ".join(
                        str(one[key])
                        for key in ("vendor_name", "product_name", "board_name")
                        if one.get(key)
                    ),
                )
                for one in found
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DeviceFault(f"pyOCD's list of probes cannot be read: {error}.") from None

    def open(self, board: Board, probe: FlashProbe) -> Target:
        own = board.section(SECTION)
        assert own is not None, "it suits the board"
        if probe.name.startswith("-"):
            raise UsageError(f"There is no probe {probe.name!r}.", at="--probe")
        return PyocdAccess(own.target, probe.name)


FLASHER = Pyocd()
