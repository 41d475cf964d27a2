"""Bytes around the arena: a write to any is a named fault; without them nothing changes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import OWN_MODELS, Fwgen

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


def project(fwgen: Fwgen, folder: Path, board: str, *options: str) -> Path:
    done = fwgen("build", DIGITS, "-b", board, "-o", folder, *options)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("board", ["host", "corstone-300", "mps2-an385"])
def test_a_byte_beside_the_arena_that_is_written_is_reported(
    fwgen: Fwgen, tmp_path: Path, board: str
) -> None:
    out = project(fwgen, tmp_path / "out", board, "--canaries")
    intact = fwgen("run", out)
    assert intact.returncode == 0, intact.stderr
    assert fwgen("verify", out, "--inputs", 2).returncode == 0
    path = out / "src" / "model.c"
    source = path.read_text()
    function = "static FW_OP void op3(void) {\n"
    assert source.count(function) == 1
    for byte in ("0", "31", "sizeof guarded - 32", "sizeof guarded - 1"):
        write = f"  ((volatile uint8_t*)&guarded)[{byte}] ^= 0x10;\n"
        path.write_text(source.replace(function, function + write))
        subprocess.run(["ninja", "-C", out / "build"], check=True, capture_output=True)
        done = fwgen("run", out)
        assert done.returncode == 7, done.stdout
        assert "arena-overrun" in done.stderr and "Traceback" not in done.stderr


def test_without_canaries_there_is_nothing_of_them(fwgen: Fwgen, tmp_path: Path) -> None:
    out = project(fwgen, tmp_path / "out", "corstone-300")
    assert "FW_CANARIES" not in (out / "CMakeLists.txt").read_text()
    assert "canar" not in (out / "src" / "model.c").read_text()
    assert b"arena-overrun" not in (out / "build" / "firmware.elf").read_bytes()
