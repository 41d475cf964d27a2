"""``fwgen bench``: what its commands would tell, once for each cell, whatever happens."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fwgen.cli.cells import local_cells
from fwgen.cli.cells.axes import Axes, cells_of
from fwgen.cli.cells.cell import Measurement
from fwgen.cli.cells.cell_process import CellProcess, end_all
from fwgen.cli.cells.cell_work import _Gathered
from fwgen.cli.cells.local_cells import LocalMachine
from tests.cli.cells.bench_models import write_models
from tests.conftest import ROOT, Fwgen

QUICK = ("--measure", "build", "-b", "host")
"""Cells that are only built."""


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """What a folder of results has, by the names of cells."""
    found = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    assert len({record["cell"] for record in found}) == len(found)
    return {record["cell"]: record for record in found}


def test_figures_are_those_of_the_commands_and_failures_are_rows(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    small, _ = write_models(tmp_path, small=64, large=60_000)
    (tmp_path / "noise.tflite").write_bytes(b"noise" * 9)
    words = ("*.tflite", "-b", "microbit", "--inputs", 3, "--repeat", 2, "--jobs", 2)
    done = fwgen("bench", *words, "--json", "out.json", "--csv", "out.csv")
    assert done.returncode == 1, done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    cells = {
        cell["model"]["name"]: cell
        for cell in json.loads(Path(tmp_path / "out.json").read_bytes())["cells"]
    }
    codes = {name: (cell["exit_code"], cell["command"]) for name, cell in cells.items()}
    assert codes == {"small": (0, ""), "large": (4, "build"), "noise": (3, "build")}
    assert "need 122,048 bytes of RAM" in cells["large"]["error"]["what"]
    assert cells["noise"]["error"]["at"] == "noise.tflite"
    for name in ("large", "noise"):
        log = (tmp_path / "bench" / cells[name]["log"]).read_text()
        assert log.startswith(f"$ fwgen build {name}.tflite --board microbit -o project")
        assert f"{name} microbit default: bench/{cells[name]['log']}" in _unwrapped(done.stdout)

    figures = cells["small"]["figures"]
    fwgen("build", small, "-b", "microbit", "-o", "p", "--json", "build.json")
    for command in ("run", "profile"):
        fwgen(command, "p", "--json", f"{command}.json")
    build, run, profile = (
        json.loads((tmp_path / f"{name}.json").read_bytes()) for name in ("build", "run", "profile")
    )
    for name in ("flash_bytes", "ram_bytes", "arena_bytes", "state_bytes"):
        assert figures[name] == {
            "value": build["memory"][name],
            "source": "image",
            "unit": "bytes",
        }
    total = run["counters"]["total"]
    assert figures["instructions"] == {
        **{"value": total, "source": "qemu", "unit": "instructions"},
        **{"least": total, "most": total},
    }
    assert figures["estimated_cycles"]["value"] == profile["counters"]["total"]
    assert figures["estimated_cycles"]["source"] == profile["counters"]["source"]
    assert figures["mismatches"]["value"] == 0
    assert figures["mismatches"]["source"] == "TFLM, 3 inputs of seed 0"
    assert cells["small"]["build_id"] == build["build_id"]
    assert set(cells["small"]["tool_s"]) == {"build", "run", "verify", "profile"}

    lines = {line["model"]: line for line in csv.DictReader((tmp_path / "out.csv").open())}
    assert lines["small"]["instructions"] == str(total)
    assert lines["small"]["instructions unit"] == "instructions"
    assert (lines["large"]["exit_code"], lines["large"]["flash_bytes"]) == ("4", "")

    again = fwgen("bench", *words, "--json", "again.json")
    assert again.returncode == 1 and "3 of 3 cells have a result" in again.stderr
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "out.json").read_bytes()
    done = fwgen("compare", "out.json", "again.json")
    assert (
        done.returncode == 0 and "large microbit default: exit 4 before, exit 4 now" in done.stdout
    )


def start(folder: Path, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fwgen", "bench", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")},
        # A shell's background jobs ignore Ctrl-C, and so would all that they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def await_line(bench: subprocess.Popen[str], text: str) -> None:
    """Read its progress until a line has some text."""
    assert bench.stderr
    for line in bench.stderr:
        if text in line:
            return
    pytest.fail(f"it ended without {text!r}")


def processes_with(text: str) -> list[str]:
    """Command lines and environments of processes that have a text in them."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            told = (path / "cmdline").read_bytes() + (path / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in told and path.name != str(os.getpid()):
            found.append(told.decode(errors="replace"))
    return found


def await_nothing_left(folder: Path) -> None:
    """No process works in a folder any more, and no scratch file is left of any."""
    until = time.monotonic() + 60
    while (left := processes_with(str(folder / "tmp"))) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left
    assert not list((folder / "tmp").iterdir())


def test_a_bench_that_is_killed_and_one_that_is_interrupted_go_on(tmp_path: Path) -> None:
    """Of five cells, each is measured once in three calls."""
    (tmp_path / "tmp").mkdir()
    write_models(tmp_path, a=8, b=9, c=10, d=11, e=12)
    words = (*[f"{name}.tflite" for name in "abcde"], *QUICK)
    first = start(tmp_path, *words)
    await_line(first, "[1/5] a host default")
    first.kill()
    first.communicate()
    await_nothing_left(tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "bench").glob("*.json")}
    assert 1 <= len(kept) <= 2

    second = start(tmp_path, *words)
    await_line(second, f"[{len(kept) + 1}/5]")
    second.send_signal(signal.SIGINT)
    out, err = second.communicate(timeout=60)
    assert second.returncode == 130 and not out
    found = results(tmp_path / "bench")
    assert len(kept) + 1 <= len(found) < 5
    assert f"{len(found)} of 5 cells are kept in bench" in err and "Traceback" not in err
    await_nothing_left(tmp_path)

    last = start(tmp_path, *words)
    out, err = last.communicate(timeout=300)
    assert last.returncode == 0, err
    measured = [line for line in err.splitlines() if line.startswith("[")]
    assert len(measured) == 5 - len(found)
    assert sorted(results(tmp_path / "bench")) == [f"{name} host default" for name in "abcde"]
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    assert "5 cells: 5 ok" in out


def test_only_cells_that_have_changed_are_measured_again(fwgen: Fwgen, tmp_path: Path) -> None:
    """Also one whose result was damaged, and all where that is asked for."""
    a, b = write_models(tmp_path, a=8, b=9)

    def measured(*more: str) -> set[str]:
        done = fwgen("bench", a, b, *QUICK, *more)
        assert done.returncode == 0, done.stderr
        lines = (line.split()[1] for line in done.stderr.splitlines() if line.startswith("["))
        return set(lines)

    assert measured() == {"a", "b"}
    write_models(tmp_path, a=10)
    assert measured() == {"a"}
    damaged = next((tmp_path / "bench").glob("b-*.json"))
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    dry = fwgen("bench", a, b, *QUICK, "--dry-run")
    assert "2 cells: 1 ok, 1 to do" in dry.stdout
    damaged.write_bytes(whole)
    dry = fwgen("bench", a, b, *QUICK, "--again", "--dry-run")
    assert "2 cells: 0 ok, 2 to do" in dry.stdout and dry.returncode == 0
    dry = fwgen("bench", a, b, *QUICK, "--dry-run")
    assert "2 cells: 2 ok" in dry.stdout


def test_a_full_disk_stops_all_and_keeps_what_was_there(fwgen: Fwgen, tmp_path: Path) -> None:
    """The log of the second cell goes where there is no space."""
    a, b, c = write_models(tmp_path, a=8, b=9, c=10)
    fwgen("bench", a, b, c, *QUICK, "--dry-run", "--json", "cells.json")
    cells = json.loads((tmp_path / "cells.json").read_bytes())["cells"]
    (tmp_path / "bench").mkdir()
    log = tmp_path / "bench" / f"b-host-default-{cells[1]['key'][:16]}.log"
    log.symlink_to("/dev/full")
    done = fwgen("bench", a, b, c, *QUICK, "--json", "out.json")
    assert done.returncode == 5 and "No space left" in done.stderr
    assert "1 of 3 cells are kept in bench" in done.stderr
    assert list(results(tmp_path / "bench")) == ["a host default"]
    told = json.loads((tmp_path / "out.json").read_bytes())
    assert [cell["cell"] for cell in told["cells"]] == ["a host default"]
    assert told["error"]["exit_code"] == 5


def test_a_cell_that_takes_too_long_is_a_row_and_is_tried_again(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    (a,) = write_models(tmp_path, a=8)
    for _ in range(2):
        done = fwgen("bench", a, *QUICK, "--cell-timeout", "0.05")
        assert done.returncode == 1 and "[1/1] a host default: exit 7" in done.stderr
        assert "took longer than 0.05 s" in done.stdout


def test_a_process_that_dies_is_a_row(tmp_path: Path) -> None:
    """As where memory is short; and one that is asked to end leaves nothing."""
    process = CellProcess(b'{"model"', 600.0)
    process._child.kill()
    while (outcome := process.outcome()) is None:
        time.sleep(0.01)
    assert outcome["exit_code"] == 5 and "SIGKILL" in outcome["error"]["what"]
    process = CellProcess(b"{}", 600.0)
    end_all([process])
    assert process._child.returncode is not None
    process = CellProcess(b"{}", 600.0)
    while (outcome := process.outcome()) is None:
        time.sleep(0.01)
    assert outcome["exit_code"] == 5 and "told nothing" in outcome["error"]["what"]
    assert "KeyError" in process.log


def test_a_folder_has_one_bench_at_a_time(fwgen: Fwgen, tmp_path: Path) -> None:
    from filelock import FileLock

    (a,) = write_models(tmp_path, a=8)
    (tmp_path / "bench").mkdir()
    with FileLock(tmp_path / "bench" / ".lock"):
        done = fwgen("bench", a, *QUICK)
    assert done.returncode == 5 and "Another fwgen bench" in done.stderr
    (tmp_path / "file").write_text("")
    done = fwgen("bench", a, *QUICK, "-o", "file")
    assert done.returncode == 5 and "cannot be used" in done.stderr


def test_of_several_runs_the_median_counts() -> None:
    """And how far they are apart is kept: cycles of silicon are not the same each time."""
    gathered = _Gathered()
    runs = [
        {"counters": {"source": "dwt", "unit": "cycles", "total": total, "ops": []}}
        for total in (103, 100, 101, 107)
    ]
    gathered.add("run", runs)
    assert gathered.figures["cycles"] == {
        **{"value": 101, "source": "dwt", "unit": "cycles"},
        **{"least": 100, "most": 107},
    }


def test_counts_and_energies_of_several_commands_are_called_by_their_units() -> None:
    """A measured energy is not an estimated one, and neither is lost for the other."""
    gathered = _Gathered()
    measured = {"unit": "uj", "total": 12.5, "volts": 3.3, "source": "a probe"}
    estimated = {"unit": "estimated_uj", "total": 9.0, "pj_per_cycle": 20.0, "source": "a guess"}
    for command, unit, energy in (
        ("run", "cycles", measured),
        ("profile", "estimated_cycles", estimated),
    ):
        counters = {"source": "some", "unit": unit, "total": 7, "ops": []}
        result = {"counters": counters, "energy": energy}
        more = {"profile": {"instructions": 5}} if command == "profile" else {}
        gathered.add(command, [result | more])
    figures = gathered.figures
    assert list(figures) == ["cycles", "uj", "estimated_cycles", "estimated_uj"]
    assert figures["uj"] == {"value": 12.5, "source": "3.3 V, a probe", "unit": "uj"}
    assert figures["estimated_uj"]["value"] == 9 and "a guess" in figures["estimated_uj"]["source"]


def test_cells_of_one_device_come_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else is said of it; those of simulators come at once."""
    at_work: list[str] = []

    class Slow:
        """A cell that ends the second time that it is looked at."""

        def __init__(self, request: bytes, limit_s: float) -> None:
            self.log, self._looks = "", 0
            self._device = " ".join(json.loads(request)["run"][:2])
            at_work.append(self._device)
            assert at_work.count("--port /dev/ttyX") <= 1
            self._most = len(at_work)

        def outcome(self) -> dict[str, Any] | None:
            self._looks += 1
            if self._looks < 2:
                return None
            at_work.remove(self._device)
            return {"exit_code": 0, "figures": {}, "tool_s": {}, "together": self._most}

    monkeypatch.setattr(local_cells, "CellProcess", Slow)
    models = [str(path) for path in write_models(tmp_path, a=8, b=9)]
    boards = [f"nucleo-l4r5zi --port /dev/ttyX{link}" for link in ("", " --link serial")]
    cells = cells_of(Axes((*models,), (*boards, "microbit"), (), Measurement()))
    ended = list(LocalMachine(9, 60.0).ended(cells))
    assert sorted(each.cell.name for each in ended) == sorted(cell.name for cell in cells)
    assert max(each.outcome["together"] for each in ended) == 3
