"""What all tests share: the models at hand and the command line as a function."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings

from fwgen.board import board_names, load_board
from fwgen.cli import main
from fwgen.device.run.qemu_machine import SECTION as QEMU

pytest_plugins = ["tests.choice_of_tests"]

ROOT = Path(__file__).parents[1]
OWN_MODELS = sorted((ROOT / "models").glob("*.tflite"))
REAL_MODELS = sorted((ROOT.parent / "shared" / "models").glob("*.tflite"))
"""Models of the MLPerf Tiny benchmark, where they lie beside the checkout."""
MINIMALLOC = sorted((ROOT.parent / "shared" / "minimalloc").glob("*.csv"))
"""MiniMalloc's challenging instances, likewise."""

REAL_CMSIS_NN = os.environ.pop("CMSIS_NN_ROOT", "") or os.environ.get("REAL_CMSIS_NN", "")
"""The user's CMSIS-NN, with which only the tests deal that ask for it."""
os.environ["REAL_CMSIS_NN"] = REAL_CMSIS_NN  # for the processes that run the tests
os.environ.pop("CMSIS_PACK_ROOT", None)
os.environ["XDG_CONFIG_HOME"] = "/nonexistent"

REPORTS = Path(tempfile.mkdtemp(prefix="fwgen-tests-"))
"""Where fwgen reports what nobody foresaw: no test may end with a report in it."""
os.environ["FWGEN_REPORTS"] = str(REPORTS)
atexit.register(shutil.rmtree, REPORTS, ignore_errors=True)

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
"""How long an example takes says how busy the machine is, and nothing of fwgen."""


def cache_compilations() -> None:
    """Put ccache, where it is installed, in the place of the compilers on the PATH.

    Tests build the same runtime and kernels again and again. ccache goes by the content of all that
    a compiler reads, wherever it lies; ``compiled_anew`` is for tests of the compilation itself.
    """
    ccache = shutil.which("ccache")
    if ccache is None:
        return
    folder = REPORTS.with_name(f"{REPORTS.name}-compilers")
    folder.mkdir()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for compiler in ("cc", "gcc", "clang-19", "arm-none-eabi-gcc"):
        if shutil.which(compiler):
            (folder / compiler).symlink_to(ccache)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    os.environ.setdefault("CCACHE_DIR", str(Path.home() / ".cache" / "ccache"))
    os.environ["CCACHE_BASEDIR"] = tempfile.gettempdir()


cache_compilations()

Fwgen = Callable[..., "subprocess.CompletedProcess[str]"]


_BOARDS = frozenset(board_names())


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what runs on a board whose simulator is younger than the one that this machine has.

    Boards are the parameters ``board`` and ``like``. That there is no simulator at all skips
    nothing: the tests then fail.
    """
    call = getattr(item, "callspec", None)
    for name in (call.params.get("board"), call.params.get("like")) if call else ():
        machine = load_board(name).section(QEMU) if name in _BOARDS else None
        problem = machine.missing() if machine and machine.since else None
        if problem:
            pytest.skip(problem.what)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for the records of other tests comes last: it makes those that lack."""
    items.sort(key=lambda item: item.name == "test_nothing_of_the_registry_is_left_out")


@pytest.fixture(autouse=True)
def nothing_unforeseen() -> Iterator[None]:
    """Fails the test in whose time a command, in whatever process, fell into the last net."""
    yield
    reports = sorted(REPORTS.iterdir())
    told = [path.read_text() for path in reports]
    for path in reports:
        path.unlink()
    if told:
        pytest.fail(f"fwgen failed in a way that nobody foresaw:\n{told[0]}")


@pytest.fixture
def compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compilers run, whatever was compiled before."""
    monkeypatch.setenv("CCACHE_DISABLE", "1")


@pytest.fixture
def fwgen(tmp_path: Path) -> Fwgen:
    """Run ``fwgen ARGS`` as a user would, in a folder of its own, but in this process.

    Starting Python and importing fwgen takes longer than most commands.
    """

    def call(
        *args: object, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(cwd or tmp_path)
            if env is not None:
                for name in set(os.environ) - set(env):
                    patch.delenv(name)
                for name, value in env.items():
                    patch.setenv(name, value)
            code = _exit_code(list(map(str, args)))
        texts = (cast(BytesIO, stream.buffer).getvalue().decode() for stream in (out, err))
        return subprocess.CompletedProcess(list(args), code, *texts)

    return call


@pytest.fixture
def fwgen_process(tmp_path: Path) -> Fwgen:
    """The same in a process of its own, for what Python reads of its environment as it starts."""

    def call(*args: object, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fwgen", *map(str, args)]
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False
        )

    return call


def _exit_code(args: list[str]) -> int:
    """What a process that runs the command would end with."""
    try:
        return main(args)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
