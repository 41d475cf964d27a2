"""Image files against other programs that read them: objcopy for ELF and HEX, uf2utils for UF2."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from uf2utils import UF2File
from uf2utils.constants import Flags

from fwgen.build.image_formats.image_file import image_file
from fwgen.build.image_formats.load_segments import LoadSegment, load_segments
from fwgen.errors import UsageError
from tests.device.firmware.build import build

RP2350 = 0xE48BFF59


def random_segments(seed: int) -> list[LoadSegment]:
    """Up to eight segments in order, some of which share a page, a 64 KB segment, or border."""
    rng = random.Random(seed)
    found, at = [], 0x1000_0000 + rng.randrange(300)
    for _ in range(rng.randint(1, 8)):
        size = rng.choice((1, 3, 255, 256, 257, 5000))
        found.append(LoadSegment(at, rng.randbytes(size)))
        at += size + rng.choice((1, 17, 256, 70_000))
    return found


def contents(segments: Sequence[LoadSegment]) -> dict[int, int]:
    """Each byte by its address."""
    return {s.address + n: byte for s in segments for n, byte in enumerate(s.data)}


def objcopy(path: Path, kind: str, out: Path) -> bytes:
    command = ["arm-none-eabi-objcopy", "-I", kind, "-O", "binary", "--gap-fill", "0xff"]
    subprocess.run([*command, str(path), str(out)], check=True, timeout=60)
    return out.read_bytes()


@pytest.mark.parametrize("board", ["mps2-an386", "mps2-an505"])
def test_segments_of_firmware_are_what_objcopy_takes_out(board: str, tmp_path: Path) -> None:
    """Variables with first values are at their addresses of loading, in flash."""
    elf = build(board)
    segments = load_segments(elf)
    raw = objcopy(elf, "elf32-littlearm", tmp_path / "raw.bin")
    assert image_file(segments, "bin") == raw


def test_segments_of_firmware_are_those_of_its_program_headers() -> None:
    """The addresses that readelf shows, however far apart."""
    elf = build("corstone-300")
    said = subprocess.run(
        ["arm-none-eabi-readelf", "-lW", elf], capture_output=True, text=True, check=True
    ).stdout
    shown = [line.split() for line in said.splitlines() if line.strip().startswith("LOAD")]
    covered = {
        int(row[3], 16) + n for row in shown if int(row[4], 16) for n in range(int(row[4], 16))
    }
    found = contents(load_segments(elf)).keys()
    assert found <= covered
    assert len(covered - found) < 64  # alignment between sections


@pytest.mark.parametrize("seed", range(8))
def test_hex_and_binary_files_hold_the_segments(seed: int, tmp_path: Path) -> None:
    segments = random_segments(seed)
    (tmp_path / "image.hex").write_bytes(image_file(segments, "hex"))
    raw = objcopy(tmp_path / "image.hex", "ihex", tmp_path / "raw.bin")
    assert image_file(segments, "bin") == raw
    assert len(raw) == segments[-1].end - segments[0].address


@pytest.mark.parametrize("seed", range(8))
def test_uf2_files_hold_the_segments(seed: int, tmp_path: Path) -> None:
    segments = random_segments(seed)
    path = tmp_path / "image.uf2"
    path.write_bytes(image_file(segments, "uf2", RP2350))
    blocks = UF2File.readBlocks(str(path))
    held = {}
    for number, block in enumerate(blocks):
        header = block.header
        assert header.flags == Flags.FamilyIDPresent and header.board_family == RP2350
        assert (header.block_number, header.total_blocks) == (number, len(blocks))
        assert header.payload_size == 256 and header.address % 256 == 0
        held |= {header.address + n: byte for n, byte in enumerate(block.payload[:256])}
    wanted = contents(segments)
    assert {at: held[at] for at in wanted} == wanted
    assert {at // 256 for at in held} == {at // 256 for at in wanted}
    assert {byte for at, byte in held.items() if at not in wanted} <= {0xFF}


def test_what_a_format_cannot_hold_is_refused() -> None:
    apart = [LoadSegment(0, b"flash"), LoadSegment(0x2000_0000, b"RAM")]
    with pytest.raises(UsageError, match=r"536,870,907 bytes of nothing before 3 bytes at 0x2"):
        image_file(apart, "bin")
    with pytest.raises(UsageError, match="one family of chips"):
        image_file(apart, "uf2")
    with pytest.raises(UsageError, match=r"no image files of the kind \.img"):
        image_file(apart, "img")


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"no ELF file" * 100])
def test_a_file_that_is_no_elf_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "image.elf"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no readable ELF file"):
        load_segments(path)
