"""Two commands at one probe: the second waits for the first, and says for whom."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.device.flash import FLASHERS, FlashWish, flash_image
from fwgen.device.flash.flasher import FlashProbe
from fwgen.errors import DeviceUnavailable
from tests.conftest import ROOT
from tests.device.firmware.build import build
from tests.device.flash.qemu_board import QemuBoard
from tests.device.flash.wire import Wire

BOARD = load_board("mps2-an386")

# Another process: it flashes an image and says what it is told, and how it ends.
OTHER = """
import sys
from pathlib import Path
from fwgen.board import load_board
from fwgen.device.flash import FlashWish, flash_image
def told(stage, what):
    print(stage, what, flush=True)
flash_image(load_board("mps2-an386"), Path(sys.argv[1]), FlashWish("gdb", sys.argv[2], 60), told)
print("done", flush=True)
"""


def test_the_second_process_waits_for_the_first() -> None:
    image = build(BOARD.name)
    go_on, begun = threading.Event(), threading.Event()

    def change(data: bytes) -> bytes:
        if b"$M" in data or b"$X" in data:
            begun.set()
            go_on.wait(60)
        return data

    with QemuBoard(BOARD.name) as board, Wire(board.port, change) as wire:
        words = [sys.executable, "-c", OTHER, str(image), wire.place]
        env = os.environ | {"PYTHONPATH": str(ROOT), "USER": "ada"}
        first = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env)
        assert first.stdout is not None
        try:
            assert begun.wait(60)
            owner = f"probe is used by pid {first.pid} of ada"
            with pytest.raises(DeviceUnavailable, match=owner) as busy:
                flash_image(BOARD, image, FlashWish("gdb", wire.place, 0.2))
            assert busy.value.exit_code == 6 and "for 0.2 s" in busy.value.what
            said: list[str] = []

            def told(stage: str, what: str) -> None:
                said.append(f"{stage}: {what}")
                if stage == "wait":
                    go_on.set()

            flash_image(BOARD, image, FlashWish("gdb", wire.place, 60), told)
            assert owner in said[0] and said[0].startswith("wait: ")
            assert first.stdout.read().endswith("done\n") and first.wait(20) == 0
        finally:
            go_on.set()
            first.kill()
            first.communicate()


def test_a_probe_has_one_lock_by_whatever_flasher() -> None:
    keys = {FLASHERS[name].lock_key(FlashProbe("066BFF3")) for name in ("pyocd", "openocd")}
    assert keys == {FLASHERS["pyocd"].lock_key(FlashProbe("066bff3"))}


def test_a_drive_has_one_lock_by_whatever_path(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "drive")
    drive, link = (FlashProbe(str(tmp_path / name)) for name in ("drive", "link"))
    assert FLASHERS["uf2"].lock_key(drive) == FLASHERS["uf2"].lock_key(link)
