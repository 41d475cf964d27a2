"""The flasher of UF2 bootloaders against folders that behave like their drives."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from uf2utils import UF2File

from fwgen.board import Board, load_board
from fwgen.build.image_formats.load_segments import load_segments
from fwgen.device.flash import FlashWish, drives, flash_image
from fwgen.device.flash.flash_faults import NoProbe, SeveralProbes, WrongChip
from fwgen.device.flash.uf2_drive import FLASHER
from fwgen.errors import DeviceFault
from tests.device.firmware.build import build
from tests.device.flash.boards import with_section

INFO = "UF2 Bootloader v1.0\r\nModel: Raspberry Pi RP2350\r\nBoard-ID: RP2350\r\n"


@pytest.fixture(name="board")
def board_fixture() -> Board:
    return with_section(load_board("mps2-an386"), "uf2", family=0xE48BFF59, board_id="RP2350")


@pytest.fixture(name="image")
def image_fixture() -> Path:
    return build("mps2-an386")


@pytest.fixture(name="drive")
def drive_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drive that is mounted, whose name has a blank."""
    return mounted(tmp_path, monkeypatch, "RPI RP2350")


def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> Path:
    lines = ["proc /proc proc rw 0 0"]
    for name in names:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "INFO_UF2.TXT").write_text(INFO)
        lines.append(f"/dev/sdb1 {str(folder).replace(' ', chr(92) + '040')} vfat rw 0 0")
    mounts = tmp_path / "mounts"
    mounts.write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(drives, "MOUNTS", mounts)
    return tmp_path / names[0]


def bootloader(drive: Path, taken: list[Path], keep: Path) -> Callable[[], None]:
    """Wait for a whole file, take it, and be gone."""

    def work() -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            for file in drive.glob("*.uf2"):
                data = file.read_bytes()
                whole = len(data) >= 512 and int.from_bytes(data[24:28], "little") * 512
                if whole and len(data) == whole:
                    taken.append(Path(shutil.copy(file, keep)))
                    shutil.rmtree(drive)
                    return
            time.sleep(0.02)

    return work


def test_a_bootloader_takes_the_image_and_its_drive_goes(
    board: Board, image: Path, drive: Path, tmp_path: Path
) -> None:
    taken: list[Path] = []
    thread = threading.Thread(target=bootloader(drive, taken, tmp_path / "taken.uf2"))
    thread.start()
    done = flash_image(board, image, FlashWish("uf2"))
    thread.join()
    assert not done.compared and done.probe == str(drive)
    held = {b.header.address: bytes(b.payload[:256]) for b in UF2File.readBlocks(str(taken[0]))}
    for segment in load_segments(image):
        first = segment.address // 256 * 256
        joined = b"".join(held[at] for at in range(first, segment.end, 256))
        assert segment.data in joined


def test_a_drive_that_keeps_the_file_is_told(
    board: Board, image: Path, drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drives, "VANISH_S", 0.3)
    with pytest.raises(DeviceFault, match=r"has not taken the file within 0\.3 s"):
        flash_image(board, image, FlashWish("uf2", str(drive)))


def test_no_drive_two_drives_and_another_boards_drive(
    board: Board, image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = mounted(tmp_path, monkeypatch, "one", "two")
    with pytest.raises(SeveralProbes, match="2 probes") as error:
        flash_image(board, image)
    assert error.value.tries == (f"--probe {first}", f"--probe {tmp_path / 'two'}")
    for name in ("one", "two"):
        (tmp_path / name / "INFO_UF2.TXT").write_text("Board-ID: nRF52840-Feather\n")
    assert FLASHER.probes(board) == () and len(FLASHER.probes(None)) == 2
    with pytest.raises(NoProbe, match="finds nothing through which"):
        flash_image(board, image, FlashWish("uf2"))
    with pytest.raises(WrongChip, match="a board nRF52840-Feather, expected"):
        flash_image(board, image, FlashWish("uf2", str(first)))
    with pytest.raises(NoProbe, match=r"has no INFO_UF2\.TXT"):
        flash_image(board, image, FlashWish("uf2", str(tmp_path)))
    assert not list(tmp_path.rglob("*.uf2"))
