"""README's way from a model to a board: each line of it, with QEMU at the port of the board."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fwgen.cli import main
from fwgen.device.flash.openocd import TOOL
from fwgen.device.serial import ports
from fwgen.device.serial.ports import ListedPort
from tests.conftest import ROOT, Fwgen
from tests.device.stand_in_board import plugged_in

TITLE = "## From a model to a blinking terminal on a Nucleo"
_, _, REST = (ROOT / "README.md").read_text().partition(TITLE)
LINES = re.findall(r"^    (\S.*)$", REST.partition("\n## ")[0], re.MULTILINE)
COMMANDS = [shlex.split(line, comments=True) for line in LINES]
OURS = [words[1:] for words in COMMANDS if words[0] == "fwgen"]
AT_THE_PORT = [words for words in OURS if "serial" in words]


def command(name: str, at_the_port: bool = False) -> list[str]:
    """The line of README with that command."""
    (found,) = [w for w in OURS if w[0] == name and (w in AT_THE_PORT) == at_the_port]
    return found


@pytest.fixture(name="desk", scope="module")
def desk_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the user is: a folder with the models of the checkout, and the project, built."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "models").symlink_to(ROOT / "models")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main([*command("build"), "-q"]) == 0
    return folder


@pytest.fixture(name="port")
def port_fixture(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The twin of the project on QEMU, whose line is listed as an ST-LINK's, beside another."""
    with plugged_in(
        "mps2-an386", desk / "build" / "digits-nucleo-l4r5zi" / "build" / "twin.elf"
    ) as at:
        listed = (
            ListedPort(at, 0x483, 0x374B, "066B", "STM32 STLink", "1-1:1.2"),
            ListedPort("/dev/ttyACM9", 0x1366, 0x1051, "0001", "J-Link", "1-2:1.0"),
        )
        monkeypatch.setattr(ports, "list_ports", lambda: listed)
        yield at


def test_the_page_has_the_whole_way() -> None:
    names = [words[0] for words in OURS]
    assert names == ["build", "verify", "flash", "monitor", "run", "verify"]
    assert len({word for words in OURS for word in words if word.startswith("build/")}) == 1


def test_what_it_installs_is_there() -> None:
    setup, apt, path = (words for words in COMMANDS if words[0] != "fwgen")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert (ROOT / setup[0]).is_file() and set(setup[1:]) <= set(extras)
    assert f"apt install {apt[3]}" in TOOL.tries and apt[:3] == ["sudo", "apt", "install"]
    assert path == ["export", "PATH=$PWD/.venv/bin:$PATH"]


def test_a_comparison_needs_no_board(fwgen: Fwgen, desk: Path) -> None:
    done = fwgen(*command("verify"), cwd=desk)
    assert done.returncode == 0, done.stderr
    assert "run on mps2-an386 in place of nucleo-l4r5zi" in done.stdout


def test_flash_asks_for_the_board(
    fwgen: Fwgen, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to where OpenOCD finds no probe; what OpenOCD writes is tested elsewhere."""
    (desk / "bin").mkdir()
    (desk / "bin" / "openocd").write_text(
        "#!/bin/sh\n"
        'case "$*" in *foreach*)'  # which of its files it has
        " echo has interface/stlink.cfg; echo has target/stm32l4x.cfg; exit 0;; esac\n"
        "echo 'Error: open failed'; exit 1\n"
    )
    (desk / "bin" / "openocd").chmod(0o755)
    monkeypatch.setenv("PATH", str(desk / "bin"), prepend=":")
    monkeypatch.setattr(ports, "list_ports", lambda: ())
    done = fwgen(*command("flash"), cwd=desk)
    assert done.returncode == 6 and "No debug probe answers" in done.stderr, done.stderr


@pytest.mark.usefixtures("port")
def test_the_terminal_shows_what_the_board_says(fwgen: Fwgen, desk: Path) -> None:
    done = fwgen(*command("monitor", at_the_port=True), "--for", 1, cwd=desk)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("port")
def test_an_inference_and_a_comparison_on_the_board(fwgen: Fwgen, desk: Path) -> None:
    done = fwgen(*command("run", at_the_port=True), cwd=desk)
    assert done.returncode == 0 and "CONV_2D" in done.stdout, done.stderr
    words = command("verify", at_the_port=True)
    fewer = [
        "2" if before == "--inputs" else word
        for before, word in zip(["", *words], words, strict=False)
    ]
    done = fwgen(*fewer, cwd=desk)
    assert done.returncode == 0 and "0 of 20 output bytes differ" in done.stdout, (
        done.stdout + done.stderr
    )


def test_without_a_board_each_line_says_so(
    fwgen: Fwgen, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "list_ports", lambda: ())
    for words in AT_THE_PORT:
        done = fwgen(*words, cwd=desk)
        assert done.returncode == 6, done.stderr
        assert "No serial port of this machine fits nucleo-l4r5zi" in done.stderr
