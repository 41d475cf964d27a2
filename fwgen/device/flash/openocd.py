"""OpenOCD: a program for most debug probes and chips; section ``[openocd]``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board
from fwgen.board.keys import Key, Listed, Text
from fwgen.board.sections import Section
from fwgen.build.image_formats.image_file import hex_file
from fwgen.build.image_formats.load_segments import LoadSegment
from fwgen.device.flash.flash_faults import LockedChip, NoProbe, ProbeLost, WrongChip, several
from fwgen.device.flash.flasher import Flasher, FlashProbe, Target
from fwgen.device.flash.tool_run import FlashTool
from fwgen.device.serial.ports import line_of, list_ports
from fwgen.errors import DeviceUnavailable, UsageError
from fwgen.host.scratch import scratch_folder

LIMIT_S = 60.0
BYTES_PER_S = 500
"""The slowest wire to expect: single bits, each through a socket."""

_SERIAL = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_INTERFACE = "interface/"
_CONFIG = Text(
    r"(?:interface|target|board)/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.cfg",
    "a file of OpenOCD's own, such as target/stm32l4x.cfg",
)


@dataclass(frozen=True)
class OpenocdConfig:
    """The files of OpenOCD's that describe probe and chip."""

    config: tuple[str, ...]


SECTION = Section(
    "openocd",
    "The board's probe and chip for OpenOCD, which writes it.",
    (
        Key(
            "config",
            Listed(_CONFIG, least=1),
            "files of OpenOCD's own for the probe and the chip, in their order",
        ),
    ),
    OpenocdConfig,
)

TOOL = FlashTool(
    "OpenOCD",
    ("openocd", "openocd-esp32"),
    {
        NoProbe: r"open failed|unable to find a matching|[Nn]o device found|Connection refused"
        r"|unable to open .*device|[Ff]ailed to connect|no usable interface",
        WrongChip: r"Cannot identify target|unknown device|UNEXPECTED|unable to identify",
        LockedChip: r"Security Bit Set|[Rr]ead-?out protected|RDP level [12]|AP lock engaged"
        r"|device is locked",
        ProbeLost: r"LIBUSB_ERROR_(?:NO_DEVICE|IO|PIPE)|remote_bitbang_(?:fill_buf|putc|flush)"
        r"|Remote end closed|[Ii]nvalid ACK|Failed to (?:read|write) memory",
    },
    ("apt install openocd", "pip install openocd-esp32"),
)


@dataclass(frozen=True)
class OpenocdAccess(Target):
    """A chip at a probe, each step a process of its own; ``args`` describe both."""

    args: tuple[str, ...]

    def write(self, segments: Sequence[LoadSegment]) -> None:
        with scratch_folder() as folder:
            (folder / "image.hex").write_bytes(hex_file(segments))
            size = sum(len(segment.data) for segment in segments)
            said = self._run(folder, 0, "reset halt", "flash probe 0")
            if re.search(TOOL.patterns[LockedChip], said):  # told as information, and then erased
                raise TOOL.failure(said, self.args)
            self._run(folder, size, "reset halt", "flash write_image erase image.hex")

    def read(self, extents: Sequence[tuple[int, int]]) -> list[bytes]:
        with scratch_folder() as folder:
            commands = [
                f"dump_image {number}.bin {address:#x} {size}"
                for number, (address, size) in enumerate(extents)
            ]
            self._run(folder, sum(size for _, size in extents), "halt", *commands)
            return [(folder / f"{n}.bin").read_bytes() for n in range(len(extents))]

    def reset(self) -> None:
        with scratch_folder() as folder:
            self._run(folder, 0, "reset run")

    def _run(self, folder: Path, size: int, *commands: str) -> str:
        words = ("init", *commands, "shutdown")
        return TOOL.run(
            [*self.args, *(word for command in words for word in ("-c", command))],
            folder,
            LIMIT_S + size / BYTES_PER_S,
        )


class Openocd(Flasher):
    """Boards with ``[openocd]``. OpenOCD lists no probes: those with a serial port are known."""

    name = "openocd"
    rank = 2

    def suits(self, board: Board) -> bool:
        return board.section(SECTION) is not None

    def missing(self, board: Board) -> DeviceUnavailable | None:
        return TOOL.missing()

    def probes(self, board: Board | None) -> tuple[FlashProbe, ...]:
        if board is None:
            return ()
        return tuple(
            FlashProbe(port.serial_number, str(port))
            for port in list_ports()
            if port.serial_number and line_of(board).fits(port)
        )

    def only_probe(self, board: Board) -> FlashProbe:
        found = self.probes(board)
        if len(found) > 1:  # of which OpenOCD would take any
            raise several([probe.name for probe in found], [*map(str, found)])
        return found[0] if found else FlashProbe("", "the one that OpenOCD finds")

    def open(self, board: Board, probe: FlashProbe) -> Target:
        own = board.section(SECTION)
        assert own is not None, "it suits the board"
        config, ours = own.config, []
        if probe.name.endswith(".cfg"):
            path = Path(probe.name).resolve()
            if not path.is_file() or re.search(r"[][{}$\\\"]", str(path)):
                raise NoProbe(
                    "There is no such file of OpenOCD's, or its name has brackets.",
                    at=f"--probe {probe.name}",
                )
            config = (str(path), *(name for name in config if not name.startswith(_INTERFACE)))
        elif probe.name:
            if not _SERIAL.fullmatch(probe.name):
                raise UsageError(
                    f"Expected a probe's serial number or a file .cfg, got {probe.name!r}.",
                    at="--probe",
                )
            ours = [f"adapter serial {probe.name}"]
        first, *others = config
        return OpenocdAccess(
            (
                *("-c", "gdb_port disabled; tcl_port disabled; telnet_port disabled"),
                *("-f", first),
                *(word for command in ours for word in ("-c", command)),
                *(word for name in others for word in ("-f", name)),
            )
        )


FLASHER = Openocd()
