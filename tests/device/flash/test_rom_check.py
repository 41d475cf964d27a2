"""Images that went through a drive, checked by their own firmware: QEMU's microbit behind one."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from uf2utils import UF2File

from fwgen.board import load_board
from fwgen.build.built_project import open_project
from fwgen.build.image_formats.load_segments import LoadSegment, load_segments
from fwgen.cli import main
from fwgen.device.flash import FLASHERS, drives
from fwgen.device.flash.flasher import FlashProbe
from fwgen.host.resources import boards_dir
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.firmware.build import build
from tests.device.firmware.tiny_model import started
from tests.device.flash.probe_drive import ProbeDrive
from tests.device.flash.qemu_board import QemuBoard
from tests.device.flash.test_uf2_drive import bootloader

BOARD = load_board("microbit")
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
UNIQUE = "9900000031864e45000b10074e000027000000009796990b"
HARMLESS = b"db load N, HEX"
"""Words that the firmware only prints: it runs with others as well."""


@pytest.fixture(name="project", scope="module")
def project_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a board whose drives take files that have no checksums."""
    folder = tmp_path_factory.mktemp("rom")
    text = (boards_dir() / "microbit.toml").read_text()
    text = text.replace("[mass_storage]", '[mass_storage]\nformat = "bin"')
    (folder / "board.toml").write_text(f"{text}\n[uf2]\nfamily = 1\n")
    words = ["build", str(DIGITS), "-b", str(folder / "board.toml"), "-o", str(folder / "digits")]
    assert main([*words, "-q"]) == 0
    return folder / "digits"


def start(place: str, chip: dict[int, int]) -> None:
    """Have QEMU's machine run with what its flash holds by address."""
    target = FLASHERS["gdb"].open(BOARD, FlashProbe(place))
    target.write([LoadSegment(0, bytes(chip.get(at, 0xFF) for at in range(max(chip) + 1)))])
    target.reset()
    target.close()


@contextmanager
def plugged_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes]
) -> Iterator[QemuBoard]:
    """QEMU's microbit, which starts with what its drive takes."""
    (folder / "mounts").write_text(f"/dev/sdb {folder / 'MICROBIT'} vfat rw 0 0\n")
    monkeypatch.setattr(drives, "MOUNTS", folder / "mounts")
    with QemuBoard("microbit", free_line=True) as board:
        begin = partial(start, board.place)
        with ProbeDrive(folder / "MICROBIT", UNIQUE, change=change, start=begin):
            yield board


def test_the_firmware_finds_what_was_written(
    fwgen: Fwgen, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plugged_in(tmp_path, monkeypatch, lambda data: data) as board:
        options = ("--flasher", "drive", "--port", board.url)
        done = fwgen("flash", project, *options, "--json", tmp_path / "flash.json")
    assert done.returncode == 0, done.stderr
    assert "bytes are right, by the firmware's own CRC-32" in done.stdout
    result = json.loads((tmp_path / "flash.json").read_text())
    assert result["compared"] is False
    assert result["checked_bytes"] == sum(each["bytes"] for each in result["segments"])


@pytest.mark.parametrize("verb", ["flash", "run"])
def test_a_bit_that_flips_on_the_way_is_found_by_the_firmware(
    verb: str, fwgen: Fwgen, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that neither the drive nor the build id tells of."""

    def change(data: bytes) -> bytes:
        at = data.index(HARMLESS)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    with plugged_in(tmp_path, monkeypatch, change) as board:
        options = ("--flasher", "drive", "--port", board.url, "-q")
        more = ("--boot-timeout", 3) if verb == "run" else ()
        done = fwgen(verb, project, *options, *more)
    (segment, *_) = load_segments(open_project(project).elf)
    assert done.returncode == 7 and "the firmware finds the CRC-32" in done.stderr, done.stderr
    assert f"differs is at {segment.data.index(HARMLESS):#010x}" in done.stderr


@pytest.mark.parametrize("flip", [False, True])
def test_what_went_through_a_uf2_bootloader_is_checked(
    flip: bool, fwgen: Fwgen, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its blocks have no checksums, and its drive is gone."""
    drive, taken = tmp_path / "UF2", list[Path]()
    drive.mkdir()
    (drive / "INFO_UF2.TXT").write_text("Board-ID: microbit\r\n")
    (tmp_path / "mounts").write_text(f"/dev/sdb {drive} vfat rw 0 0\n")
    monkeypatch.setattr(drives, "MOUNTS", tmp_path / "mounts")
    take = bootloader(drive, taken, tmp_path / "taken.uf2")

    def boot(place: str) -> None:
        take()
        chip = {}
        for block in UF2File.readBlocks(str(taken[0])):
            chip |= {block.header.address + n: byte for n, byte in enumerate(block.payload[:256])}
        if flip:
            chip[bytes(chip[at] for at in range(max(chip))).index(HARMLESS)] ^= 1
        start(place, chip)

    with QemuBoard("microbit", free_line=True) as board:
        thread = threading.Thread(target=boot, args=(board.place,))
        thread.start()
        done = fwgen("flash", project, "--flasher", "uf2", "--port", board.url, "-q")
        thread.join(60)
    assert done.returncode == (7 if flip else 0), done.stderr
    assert ("the firmware finds the CRC-32" in done.stderr) == flip


def test_the_firmware_tells_the_crc_of_its_image_and_of_nothing_else() -> None:
    image, size = load_segments(build("microbit"))[0], BOARD.region("vectors").bytes
    with started("microbit") as device:
        for count in (0, 1, 64, len(image.data)):
            told = f"bytes={count},crc={zlib.crc32(image.data[:count]):08x}"
            assert device.ask(f"fw-rom {count}") == [f"m-fw-rom-[{told}]"]
        for words, count in ((size + 1, size), ((1 << 32) - 1, size), (1 << 32, 0), ("x", 0)):
            assert device.ask(f"fw-rom {words}")[0].startswith(f"m-fw-rom-[bytes={count},crc=")
        assert device.ask("name") == ["m-name-dut-[fwgen]"]


def test_other_firmware_has_no_such_command() -> None:
    with started("host") as device:
        assert device.ask("fw-rom 4") == ["e-[Unknown command: fw-rom]"]
