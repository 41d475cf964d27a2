"""The flasher of debug probes' drives against folders that behave like them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fwgen.board import board_names, load_board
from fwgen.build.image_formats.load_segments import load_segments
from fwgen.device.flash import FlashWish, drives, flash_image, mass_storage
from fwgen.device.flash.flash_faults import (
    LockedChip,
    NoProbe,
    ProbeLost,
    SeveralProbes,
    WrongChip,
)
from fwgen.device.flash.mass_storage import FLASHER, SECTION
from fwgen.errors import DeviceFault, FwgenError, UsageError
from tests.device.firmware.build import build
from tests.device.flash.boards import with_section
from tests.device.flash.probe_drive import ProbeDrive

PLAIN = load_board("mps2-an386")
DAPLINK_ID = "9900000031864e45000b10074e000027000000009796990b"
STLINK_ID = "07760221066BFF3"
MICROBIT = with_section(PLAIN, "mass_storage", codes=["9900"])
NUCLEO = with_section(PLAIN, "mass_storage", codes=["0776"])


@pytest.fixture(name="image")
def image_fixture() -> Path:
    return build("mps2-an386")


@pytest.fixture(name="mounts", autouse=True)
def mounts_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Path]]:
    """Folders, which are not there yet, as mount points."""

    def mounted(*names: str) -> list[Path]:
        folders = [tmp_path / name for name in names]
        lines = [f"/dev/sdb {folder} vfat rw 0 0\n" for folder in folders]
        (tmp_path / "mounts").write_text("".join(lines))
        return folders

    mounted()
    monkeypatch.setattr(drives, "MOUNTS", tmp_path / "mounts")
    return mounted


def written(drive: ProbeDrive, image: Path) -> bool:
    """Whether the chip behind the drive has all of an image."""
    return all(
        drive.chip.get(segment.address + n) == byte
        for segment in load_segments(image)
        for n, byte in enumerate(segment.data)
    )


@pytest.mark.parametrize("kind", ["daplink", "stlink"])
def test_a_drive_takes_the_image_and_comes_back(
    kind: str, image: Path, mounts: Callable[..., list[Path]]
) -> None:
    board, unique = (MICROBIT, DAPLINK_ID) if kind == "daplink" else (NUCLEO, STLINK_ID)
    (folder,) = mounts("NODE_X")
    with ProbeDrive(folder, unique, daplink=kind == "daplink") as drive:
        for _ in range(2):
            done = flash_image(board, image, FlashWish("drive"))
            assert not done.compared and not done.note and done.probe == str(folder)
            assert written(drive, image)
            drive.chip.clear()
    assert drive.taken == ["firmware.hex"] * 2


def test_a_drive_that_is_mounted_elsewhere_then_is_found(
    image: Path, mounts: Callable[..., list[Path]]
) -> None:
    first, other, new = mounts("MICROBIT", "MICROBIT1", "MICROBIT2")
    with (
        ProbeDrive(first, DAPLINK_ID) as drive,
        ProbeDrive(other, "9901" + DAPLINK_ID[4:], refusal="never said"),
    ):
        drive.back = new
        drive._refusal = "Flash algorithm write command FAILURE"
        with pytest.raises(DeviceFault, match="Flash algorithm write command FAILURE") as error:
            flash_image(MICROBIT, image, FlashWish("drive"))
    assert error.value.at == str(new / "FAIL.TXT") and error.value.exit_code == 7


def test_a_drive_that_nothing_mounts_again_is_told(
    image: Path, mounts: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mass_storage, "RETURN_S", 0.5)
    (folder,) = mounts("NODE_X")
    with ProbeDrive(folder, STLINK_ID, daplink=False) as drive:
        drive.back = tmp = folder.parent / "unmounted"
        done = flash_image(NUCLEO, image, FlashWish("drive"))
    assert "did not come back within 0.5 s" in done.note and written(drive, image)
    assert tmp not in drives.drives_with("DETAILS.TXT")


@pytest.mark.parametrize(
    ("says", "error"),
    [
        ("Failed to unlock target MCU for programming", LockedChip),
        ("The application image is not compatible with the target.", WrongChip),
        ("The interface firmware FAILED to reset/halt the target MCU", NoProbe),
        ("Flash algorithm erase sector command FAILURE", DeviceFault),
    ],
)
@pytest.mark.parametrize("daplink", [True, False])
def test_what_the_probe_says_is_told(
    says: str,
    error: type[FwgenError],
    daplink: bool,
    image: Path,
    mounts: Callable[..., list[Path]],
) -> None:
    board, unique = (MICROBIT, DAPLINK_ID) if daplink else (NUCLEO, STLINK_ID)
    (folder,) = mounts("DRIVE")
    with (
        ProbeDrive(folder, unique, daplink=daplink, refusal=says),
        pytest.raises(error, match=says.rstrip(".")) as found,
    ):
        flash_image(board, image, FlashWish("drive"))
    assert type(found.value) is error


def test_a_bit_that_flips_in_a_hex_file_is_found_by_the_probe(
    image: Path, mounts: Callable[..., list[Path]]
) -> None:
    def change(data: bytes) -> bytes:
        at = len(data) // 2
        at += next(n for n in range(99) if data[at + n] in b"0123456789ABCDEF")
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    (folder,) = mounts("MICROBIT")
    with (
        ProbeDrive(folder, DAPLINK_ID, change=change),
        pytest.raises(DeviceFault, match="hex file cannot be decoded"),
    ):
        flash_image(MICROBIT, image, FlashWish("drive"))


def test_a_raw_binary_begins_where_the_flash_does(
    image: Path, mounts: Callable[..., list[Path]]
) -> None:
    (folder,) = mounts("NODE_X")
    raw = with_section(PLAIN, "mass_storage", codes=["0776"], format="bin")
    with ProbeDrive(folder, STLINK_ID, daplink=False) as drive:
        flash_image(raw, image, FlashWish("drive"))
        assert drive.taken == ["firmware.bin"] and written(drive, image)
        target = mass_storage.DriveTarget(folder, "bin", 0x0800_0000)
        with pytest.raises(UsageError, match="is written to 0x08000000, and the image has"):
            target.write(load_segments(image))


def test_no_drive_two_drives_another_boards_and_one_that_goes(
    image: Path, tmp_path: Path, mounts: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoProbe, match="finds nothing through which"):
        flash_image(MICROBIT, image, FlashWish("drive"))
    with pytest.raises(NoProbe, match=r"has no DETAILS\.TXT"):
        flash_image(MICROBIT, image, FlashWish("drive", str(tmp_path)))
    one, two = mounts("one", "two")
    first = ProbeDrive(one, DAPLINK_ID)
    ProbeDrive(two, DAPLINK_ID.replace("31", "32"))
    with pytest.raises(SeveralProbes, match="2 probes") as error:
        flash_image(MICROBIT, image, FlashWish("drive"))
    assert error.value.tries == (f"--probe {one}", f"--probe {two}")
    assert FLASHER.probes(NUCLEO) == () and len(FLASHER.probes(None)) == 2
    with pytest.raises(WrongChip, match="code 9900, expected 0776"):
        flash_image(NUCLEO, image, FlashWish("drive", str(one)))
    assert not first.taken

    def unplugged(handle: int) -> None:
        shutil.rmtree(one)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fsync", unplugged)
    with pytest.raises(ProbeLost, match="went away before it had all"):
        flash_image(MICROBIT, image, FlashWish("drive", str(one)))


@pytest.mark.parametrize("name", [n for n in board_names() if FLASHER.suits(load_board(n))])
def test_the_code_of_each_board_is_that_of_pyocd(name: str) -> None:
    from pyocd.board.board_ids import BOARD_ID_TO_INFO

    own = load_board(name).section(SECTION)
    assert own is not None
    names = {BOARD_ID_TO_INFO[code].name.lower().replace(":", "") for code in own.codes}
    assert len(names) == 1
    (told,) = names
    assert told == name or name.removeprefix("b-l475e-") in told
