"""The flasher of GDB servers on QEMU's: it writes, compares and starts, or says why not."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.build.image_formats.load_segments import load_segments
from fwgen.cli import main
from fwgen.device.flash import FlashWish, flash_image
from fwgen.device.flash.flash_faults import FlashDiffers, NoProbe, ProbeLost, WrongChip
from fwgen.errors import DeviceFault, FwgenError, UsageError
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.flash.boards import chip_section
from tests.device.flash.qemu_board import QemuBoard
from tests.device.flash.wire import Wire

BOARD = load_board("mps2-an386")
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


@pytest.fixture(name="project", scope="module")
def project_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flash") / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD.name, "-o", str(folder), "-q"]) == 0
    return folder


@pytest.fixture(name="image", scope="module")
def image_fixture(project: Path) -> Path:
    return project / "build" / "firmware.elf"


def test_an_image_is_written_read_back_and_runs(
    fwgen: Fwgen, project: Path, tmp_path: Path
) -> None:
    with QemuBoard(BOARD.name) as board:
        done = fwgen(
            *("flash", project, "--flasher", "gdb", "--probe", board.place),
            *("--json", tmp_path / "flash.json"),
        )
        assert done.returncode == 0, done.stderr
        assert "read back, equal" in done.stdout
        result = json.loads((tmp_path / "flash.json").read_text())
        board.heard(b"m-ready")
        board.line.sendall(b"fw-info%")
        board.heard(f"build={result['build_id']}".encode())
    assert result["compared"] is True and result["flasher"] == "gdb"


def test_the_firmware_is_asked_for_its_build(fwgen: Fwgen, project: Path) -> None:
    with QemuBoard(BOARD.name, free_line=True) as board:
        done = fwgen(
            *("flash", project, "--flasher", "gdb", "--probe", board.place, "--port", board.url)
        )
    assert done.returncode == 0, done.stderr
    assert "and the firmware says so" in done.stdout


def test_a_second_image_replaces_the_first(image: Path) -> None:
    with QemuBoard(BOARD.name) as board:
        for _ in range(2):
            flash_image(BOARD, image, FlashWish("gdb", board.place))
            board.heard(b"m-ready")


@pytest.mark.parametrize("which", [0, 5, -1])
def test_a_bit_that_flips_on_the_way_is_found(image: Path, which: int) -> None:
    """One bit of the ``which``-th packet that writes, with a checksum that is right."""
    writes = sum(-(-len(segment.data) // 2028) for segment in load_segments(image))
    number = which % writes
    flipped: list[int] = []
    seen = 0

    def change(data: bytes) -> bytes:
        nonlocal seen
        write = re.match(rb"\+?\$M([0-9a-f]+),[0-9a-f]+:([0-9a-f]+)#..$", data, re.DOTALL)
        if write is None:
            return data
        seen += 1
        if seen - 1 != number:
            return data
        flipped.append(int(write[1], 16) + 3)
        digit = write.start(2) + 7
        text = bytearray(data[data.index(b"$") + 1 : -3])
        at = digit - data.index(b"$") - 1
        text[at : at + 1] = b"%x" % (int(text[at : at + 1], 16) ^ 1)
        return b"+$" + bytes(text) + b"#%02x" % (sum(text) & 0xFF)

    with (
        QemuBoard(BOARD.name) as board,
        Wire(board.port, change) as wire,
        pytest.raises(FlashDiffers, match=r"1 of .* bytes differ") as error,
    ):
        flash_image(BOARD, image, FlashWish("gdb", wire.place))
    assert [error.value.address] == flipped
    assert error.value.exit_code == 7


def test_a_plug_that_is_pulled_is_told(image: Path) -> None:
    def change(data: bytes) -> bytes | None:
        return None if b"$M" in data else data

    with (
        QemuBoard(BOARD.name) as board,
        Wire(board.port, change) as wire,
        pytest.raises(ProbeLost, match="closed the connection"),
    ):
        flash_image(BOARD, image, FlashWish("gdb", wire.place))


def test_a_wrong_chip_is_told_before_anything_is_written(image: Path) -> None:
    """The core's own identification: QEMU's Cortex-M4 against an expected Cortex-M7."""
    other = chip_section(BOARD, "Cortex-M7", 0xE000_ED00, 0x0000_C270, 0x0000_FFF0)
    writes: list[bytes] = []

    def change(data: bytes) -> bytes:
        writes.extend(re.findall(rb"\$[MXv]", data))
        return data

    with (
        QemuBoard(BOARD.name) as board,
        Wire(board.port, change) as wire,
        pytest.raises(WrongChip, match=r"no Cortex-M7: .* 0xc240, expected 0xc270"),
    ):
        flash_image(other, image, FlashWish("gdb", wire.place))
    assert not writes


def test_nothing_that_listens_is_no_probe(image: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(NoProbe, match="No GDB server answers"):
        flash_image(BOARD, image, FlashWish("gdb", place))
    with pytest.raises(NoProbe, match="Nothing says where"):
        flash_image(BOARD, image, FlashWish("gdb"))
    with pytest.raises(UsageError, match="Expected HOST:PORT"):
        flash_image(BOARD, image, FlashWish("gdb", "COM3"))


@contextmanager
def server_that(answers: Callable[[bytes], bytes]) -> Iterator[str]:
    """The place of a server that answers whatever arrives, piece by piece."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                with connection:
                    while data := connection.recv(1 << 16):
                        connection.sendall(answers(data))
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


def packet(text: bytes) -> bytes:
    return b"+$" + text + b"#%02x" % (sum(text) & 0xFF)


@pytest.mark.parametrize(
    ("answers", "error", "text"),
    [
        (lambda data: b"x" * (2 << 20), DeviceFault, "without an end"),
        (lambda data: b"$" + b"x" * (2 << 20), DeviceFault, "without an end"),
        (lambda data: b"+$OK#00", DeviceFault, "wrong checksum"),
        (
            lambda data: packet(b"E01") * data.count(b"$"),
            DeviceFault,
            "refused to halt the core: it said E01",
        ),
        (lambda data: b"", DeviceFault, "did not answer within 1 s"),
    ],
    ids=["noise", "endless", "checksum", "error", "silence"],
)
def test_whatever_a_server_says_it_ends_with_a_sentence(
    answers: Callable[[bytes], bytes],
    error: type[FwgenError],
    text: str,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fwgen.device.flash.gdb_remote.ANSWER_S", 1.0)
    with server_that(answers) as place, pytest.raises(error, match=text):
        flash_image(BOARD, image, FlashWish("gdb", place))
