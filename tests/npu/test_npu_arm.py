"""Arm's NPU driver in place of ours, with a stand-in for it that has the same interface."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.cli.test_cli import check_error
from tests.conftest import Fwgen
from tests.npu.test_npu_driver import (
    END_REACHED,
    IRQ,
    NPU,
    U55,
    Product,
    board_header,
    compiled,
    each_product,
    prepared,
    sets,
    told_by,
)
from tests.npu.test_npu_driver import HERE as NPU_DRIVER
from tests.npu.test_npu_projects import DIGITS

ARM = Path(__file__).parent / "ethosu_driver"


@cache
def program(product: Product) -> Path:
    """The driver with the stand-in and the fake NPU; its sources have names of their own."""
    holder = tempfile.TemporaryDirectory(prefix="fwgen-npu-arm-")
    atexit.register(holder.cleanup)
    folder = Path(holder.name)
    (folder / "fw_board.h").write_text(board_header(product, doorbell=False))
    device = "u85" if product.number == 2 else "u55_u65"
    includes = [f"-I{ARM / 'include'}", f"-I{ARM / 'cmsis/CMSIS/Core/Include'}"]
    command = ["gcc", "-c", "-O1", "-g", "-DNDEBUG", "-include", "fw_npu_arm_config.h"]
    command += [f"-I{path}" for path in (folder, NPU_DRIVER, NPU)]
    sources = [ARM / "src" / "ethosu_driver.c", ARM / "src" / f"ethosu_device_{device}.c"]
    subprocess.run([*command, *includes, *sources], cwd=folder, check=True, timeout=120)
    objects = map(str, sorted(folder.glob("*.o")))
    return compiled(product, False, "-DHOOKS", "-DFW_NPU_ARM_DRIVER", *includes, *objects)


@each_product
def test_jobs_run_and_are_counted(product: Product) -> None:
    script = [*prepared(product), "run", "run", "report"]
    told = told_by(program(product), script)
    assert told.all("run") == ["0", "0"] and told.all("error") == ["none"]
    assert told.all("counts")[0].startswith("2 ")
    assert told.all("create") == [""], "initialized once"
    ports = [value for offset, value in told.writes if offset == 0x3C]
    assert ports == [0x5557 & 0x3F] * 2  # of the three regions, by the board's header
    assert told.all("take") == ["1 10000000"] * 2
    assert told.all("flush") == ["20000 1000 30000 200 30000 200"] * 2


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({"end_status": 1 << 4}, ["npu-parse-error", f"{1 << 4 | IRQ:x}", "20"]),
        ({"end_status": 0}, ["npu-end-not-reached", f"{IRQ:x}", "20"]),
        ({"never": 1}, ["npu-timeout", "0", "0"]),
        ({"protection": 1}, ["npu-reset", "0", "0"]),
        ({"config": 0, "id": 0}, ["npu-absent", "0", "0"]),
        ({"config": 0x1808}, ["npu-wrong-macs", "0", "0"]),
    ],
)
def test_failures_have_the_same_names(broken: dict[str, int], fault: list[str]) -> None:
    """And the next job runs."""
    whole = {"end_status": END_REACHED, "never": 0, "protection": 0}
    whole |= {"config": U55.config, "id": U55.id}
    told = told_by(program(U55), [*prepared(U55, **broken), "run", *sets(**whole), "run"])
    assert told.failure()[:3] == fault
    assert told.all("run") == ["-1", "0"]


def named(monkeypatch: pytest.MonkeyPatch, driver: Path, cmsis: Path) -> None:
    monkeypatch.setenv("ETHOSU_DRIVER_ROOT", str(driver))
    monkeypatch.setenv("CMSIS_ROOT", str(cmsis))


@pytest.mark.parametrize(
    ("board", "npu"),
    [
        ("corstone-300", "ethos-u55-128"),
        ("corstone-310", "ethos-u65-256"),
        ("corstone-320", "ethos-u85-256"),
    ],
)
def test_projects_link_with_it(
    fwgen: Fwgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, board: str, npu: str
) -> None:
    """Its functions are in the image, and neither its heap nor its endless wait."""
    named(monkeypatch, ARM, ARM / "cmsis")
    done = fwgen("build", DIGITS, "-b", board, "--npu", npu, "-o", "out")
    assert done.returncode == 0, done.stderr
    (image,) = (tmp_path / "out" / "build").glob("*.elf")
    with image.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        names = {symbol.name for symbol in table.iter_symbols()}
    assert {"ethosu_invoke_v3", "ethosu_semaphore_take", "fw_npu_execute"} <= names
    assert not {"malloc", "fprintf", "fw_npu_start"} & names
    if board == "corstone-300":
        done = fwgen("verify", "out", "--inputs", "2")
        assert done.returncode == 0, done.stdout + done.stderr


def test_folders_that_are_not_what_they_should_be(
    fwgen: Fwgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old"
    shutil.copytree(ARM, old)
    header = old / "include" / "ethosu_driver.h"
    text = header.read_text()
    header.write_text(text.replace("VERSION_MAJOR 1", "VERSION_MAJOR 0"))
    assert header.read_text() != text
    for driver, cmsis, words in (
        (tmp_path, ARM / "cmsis", "Arm's driver is not at"),
        (old, ARM / "cmsis", "is older than 1.0"),
        (ARM, tmp_path, "CMSIS-Core is not at"),
    ):
        named(monkeypatch, driver, cmsis)
        done = fwgen("build", DIGITS, "-b", "corstone-300", "--npu", "ethos-u55-128", "-o", "out")
        check_error(done, 5, "cmake failed")
        log = (tmp_path / "out" / "build" / "build.log").read_text()
        assert words in " ".join(log.split())
