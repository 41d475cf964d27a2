"""Cells on a Dask cluster: each measured once, also where a worker dies in the middle of one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from fwgen.cli.cells import cluster_cells
from fwgen.cli.cells.axes import Axes, cells_of
from fwgen.cli.cells.cell import Measurement
from fwgen.cli.cells.cluster_cells import Cluster
from fwgen.errors import DeviceUnavailable, UsageError
from tests.cli.cells.bench_models import write_models
from tests.conftest import ROOT, Fwgen

START_S = 60.0

Program = subprocess.Popen[bytes]


@contextmanager
def dask(kind: str, *words: object, path: str | None = None) -> Iterator[Program]:
    """A scheduler or a worker, as a user would start it."""
    program = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{kind}", *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT), **({"PATH": path} if path else {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        yield program
    finally:
        program.send_signal(signal.SIGKILL)
        program.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, Program]]:
    """One, and its address."""
    file = folder / "scheduler.json"
    options = ("--port", 0, "--no-dashboard", "--scheduler-file", file, "--host", "127.0.0.1")
    with dask("scheduler", *options) as program:
        until = time.monotonic() + START_S
        while not file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        yield str(json.loads(file.read_bytes())["address"]), program


def worker_words(address: str, name: str, folder: Path) -> Sequence[object]:
    return (
        *(address, "--name", name, "--nthreads", 1, "--no-nanny", "--no-dashboard"),
        *("--local-directory", folder / name, "--host", "127.0.0.1"),
    )


def process_of_cell(worker: Program) -> list[int]:
    """The child processes of a worker that are cells."""
    children = Path(f"/proc/{worker.pid}/task").glob("*/children")
    found = [int(pid) for path in children for pid in path.read_text().split()]
    return [pid for pid in found if b"cell_work" in command_of(pid)]


def command_of(pid: int) -> bytes:
    """The command line of a process; nothing if it has ended since it was found."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def test_a_worker_that_dies_costs_no_cell(tmp_path: Path) -> None:
    """Its cell is measured by the other one; no result is lost, or there twice."""
    models = write_models(tmp_path, a=8, b=9, c=10, d=11)
    with ExitStack() as stack:
        address, _ = stack.enter_context(scheduler(tmp_path))
        dying, _ = (
            stack.enter_context(dask("worker", *worker_words(address, name, tmp_path)))
            for name in ("dying", "living")
        )
        command = [sys.executable, "-m", "fwgen", "bench", *models, "-b", "host"]
        bench = subprocess.Popen(
            [*command, "--measure", "build", "--scheduler", address, "--json", "out.json"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        while not (at_work := process_of_cell(dying)) and bench.poll() is None:
            time.sleep(0.02)
        assert at_work, bench.communicate()
        dying.kill()
        _, err = bench.communicate(timeout=300)
        assert bench.returncode == 0, err
        until = time.monotonic() + 30
        while Path(f"/proc/{at_work[0]}").exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert not Path(f"/proc/{at_work[0]}").exists(), "the cell ends with its worker"
    names = [f"{name} host default" for name in "abcd"]
    cells = json.loads((tmp_path / "out.json").read_bytes())["cells"]
    assert [cell["cell"] for cell in cells] == names
    assert all(cell["exit_code"] == 0 and cell["figures"] for cell in cells)
    found = [json.loads(p.read_bytes()) for p in (tmp_path / "bench").glob("*.json")]
    assert sorted(cell["cell"] for cell in found) == names
    told = [line.split()[1] for line in err.splitlines() if line.startswith("[")]
    assert sorted(told) == ["a", "b", "c", "d"], "each is told once"


def test_workers_that_are_not_there_or_not_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results would be of different compilers: so nothing is measured."""
    with scheduler(tmp_path) as (address, _):
        monkeypatch.setattr(cluster_cells, "CONNECT_S", 30.0)
        with pytest.raises(DeviceUnavailable, match=r"had no worker for 0\.2 s"):
            Cluster(address, 60.0, workers_s=0.2)
        (tmp_path / "bin").mkdir()
        for name in ("cmake", "ninja"):  # and no compiler
            found = next(Path(p, name) for p in os.get_exec_path() if Path(p, name).exists())
            (tmp_path / "bin" / name).symlink_to(found)
        words = (worker_words(address, name, tmp_path) for name in ("whole", "poor"))
        with dask("worker", *next(words)):
            Cluster(address, 60.0).close()
            poor = dask("worker", *next(words), path=str(tmp_path / "bin"))
            told = pytest.raises(DeviceUnavailable, match="same tools: arm-none-eabi-gcc: ")
            with poor, told:
                until = time.monotonic() + START_S
                while time.monotonic() < until:  # until it has come
                    Cluster(address, 60.0).close()


def test_a_scheduler_that_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """It ends the bench, in a sentence and not in Dask's words; and the cell on the worker."""
    (model,) = write_models(tmp_path, a=8)
    cells = cells_of(Axes((str(model),), ("host",), (), Measurement(measure=())))
    with ExitStack() as stack:
        address, program = stack.enter_context(scheduler(tmp_path))
        worker = stack.enter_context(dask("worker", *worker_words(address, "w", tmp_path)))
        cluster = stack.enter_context(closing(Cluster(address, 60.0)))
        ending = cluster.ended(cells)
        program.kill()
        with pytest.raises(DeviceUnavailable, match="scheduler is lost"):
            next(ending)
        until = time.monotonic() + START_S
        while process_of_cell(worker) and time.monotonic() < until:
            time.sleep(0.05)
        assert not process_of_cell(worker)
    assert not caplog.records and not capfd.readouterr().err


def test_a_scheduler_that_is_not_there(fwgen: Fwgen, tmp_path: Path) -> None:
    (model,) = write_models(tmp_path, a=8)
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cluster_cells, "CONNECT_S", 0.5)
            done = fwgen("bench", model, "-b", "host", "--scheduler", address)
        assert done.returncode == 6, done.stderr
        assert "There is no Dask scheduler" in done.stderr and address in done.stderr


def test_without_dask_its_package_is_named(
    fwgen: Fwgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model,) = write_models(tmp_path, a=8)
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = fwgen("bench", model, "-b", "host", "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 5 and "pip install 'distributed" in done.stderr


def test_a_device_of_this_machine_is_refused(tmp_path: Path) -> None:
    (model,) = write_models(tmp_path, a=8)
    board = "nucleo-l4r5zi --port /dev/ttyX"
    cells = cells_of(Axes((str(model),), (board,), (), Measurement()))
    with pytest.raises(UsageError, match="/dev/ttyX, which is attached to this machine"):
        Cluster.require_no_devices(cells)
