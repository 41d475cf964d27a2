"""OpenOCD: a program for most debug probes and chips; section ``[openocd]``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board
from fwgen.board.keys import Key, Listed, Preference, Text
from fwgen.board.sections import Section
from fwgen.build.image_formats.image_file import hex_file
from fwgen.build.image_formats.load_segments import LoadSegment
from fwgen.device.flash.flash_faults import LockedChip, NoProbe, ProbeLost, WrongChip, several
from fwgen.device.flash.flasher import Flasher, FlashProbe, Target
from fwgen.device.flash.tool_run import FlashTool
from fwgen.device.serial.ports import line_of, list_ports
from fwgen.errors import DeviceUnavailable, UsageError
from fwgen.host.packages import install
from fwgen.host.scratch import scratch_folder

LIMIT_S = 60.0
BYTES_PER_S = 500
"""The slowest wire to expect: single bits, each through a socket."""

_SERIAL = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_SILENT = ("-c", "gdb_port disabled; tcl_port disabled; telnet_port disabled")
_SERIAL_WIRE = 'if {[adapter name] ne "hla"} {transport select swd}'
"""The wire of all chips here. Older files of targets leave a J-Link at JTAG; OpenOCD 0.12's driver
for ST-LINK ("hla") has wires of its own names."""

_CONFIG = Text(
    r"(?:interface|target|board)/(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*\.cfg",
    "a file of OpenOCD's own, such as target/stm32l4x.cfg",
)


@dataclass(frozen=True)
class OpenocdConfig:
    """The files of OpenOCD's that describe probe and chip; of each its names, which versions of
    OpenOCD changed."""

    config: tuple[tuple[str, ...], ...]


SECTION = Section(
    "openocd",
    "The board's probe and chip for OpenOCD, which writes it.",
    (
        Key(
            "config",
            Listed(Preference(_CONFIG), least=1),
            "files of OpenOCD's own for the probe and the chip, in their order, each by the names "
            "that it has in versions of OpenOCD",
        ),
    ),
    OpenocdConfig,
)

TOOL = FlashTool(
    "OpenOCD",
    ("openocd", "openocd-esp32"),
    {
        NoProbe: r"open failed|unable to find a matching|[Nn]o (?:[A-Za-z-]+ )?device found"
        r"|Connection refused|unable to open .*device|[Ff]ailed to connect|no usable interface",
        WrongChip: r"Cannot identify target|unknown device|UNEXPECTED|unable to identify",
        LockedChip: r"Security Bit Set|[Rr]ead-?out protected|RDP level [12]|AP lock engaged"
        r"|device is locked",
        ProbeLost: r"LIBUSB_ERROR_(?:NO_DEVICE|IO|PIPE)|remote_bitbang_(?:fill_buf|putc|flush)"
        r"|Remote end closed|[Ii]nvalid ACK|Failed to (?:read|write) memory",
    },
    ("apt install openocd", install("openocd-esp32")),
)

PREREQUISITES = (TOOL.needed_for("fwgen flash, boards with [openocd]"),)


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
        if problem := TOOL.missing():
            return problem
        try:  # a file of the user's may stand for the probe's
            _files([names for names in _config(board) if not _is_interface(names)])
        except DeviceUnavailable as error:
            return error
        return None

    def takes(self, probe: str) -> bool:
        return probe.endswith(".cfg") or super().takes(probe)

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
        config, ours = _config(board), []
        if probe.name.endswith(".cfg"):
            path = Path(probe.name).resolve()
            if not path.is_file() or re.search(r"[][{}$\\\"]", str(path)):
                raise NoProbe(
                    "There is no such file of OpenOCD's, or its name has brackets.",
                    at=f"--probe {probe.name}",
                )
            others = _files([names for names in config if not _is_interface(names)])
            return OpenocdAccess((*_SILENT, "-f", str(path), *_options("-f", others)))
        if probe.name:
            if not _SERIAL.fullmatch(probe.name):
                raise UsageError(
                    f"Expected a probe's serial number or a file .cfg, got {probe.name!r}.",
                    at="--probe",
                )
            ours = [f"adapter serial {probe.name}"]
        first, *others = _files(config)
        if _is_interface(first):
            ours.append(_SERIAL_WIRE)
        return OpenocdAccess(
            (*_SILENT, "-f", first, *_options("-c", ours), *_options("-f", others))
        )


def _config(board: Board) -> tuple[tuple[str, ...], ...]:
    own = board.section(SECTION)
    assert own is not None, "it suits the board"
    return own.config


def _is_interface(names: str | Sequence[str]) -> bool:
    return (names if isinstance(names, str) else names[0]).startswith("interface/")


def _options(flag: str, words: Sequence[str]) -> list[str]:
    return [word for each in words for word in (flag, each)]


def _files(config: Sequence[Sequence[str]]) -> list[str]:
    """Of several names each, the first that the installed OpenOCD has: it is asked, for it searches
    several folders. Raises DeviceUnavailable if it has none of them."""
    asked = " ".join(name for names in config for name in names)
    script = (
        f'foreach f {{{asked}}} {{ if {{![catch {{find $f}}]}} {{ echo "has $f" }} }}; shutdown'
    )
    with scratch_folder() as folder:
        said = TOOL.run(("-c", script), folder, LIMIT_S)
    has = re.findall(r"^has (\S+)$", said, re.MULTILINE)
    for names in config:
        if not set(names) & set(has):
            raise DeviceUnavailable(
                f"The installed OpenOCD has no file {' or '.join(names)}.",
                at=TOOL.find() or "",
                tries=(f"a newer one: {install('openocd-esp32')}", "another --flasher"),
            )
    return [next(name for name in names if name in has) for names in config]


FLASHER = Openocd()
