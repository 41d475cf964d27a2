"""Signals that end fwgen: nothing of it is left, at whatever moment they come."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fwgen.errors import ToolError
from fwgen.host.children import run
from fwgen.host.files import write_file
from fwgen.host.scratch import scratch_folder
from fwgen.host.stop import Stopped, ends_by_exception, held_back
from tests.conftest import OWN_MODELS

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))


NEVER_S = 300
"""Longer than anything takes here, on a machine that is busy; programs sleep for longer."""


def once(happened: Callable[[], bool]) -> None:
    """Return when something has happened, which the test's timeout waits for."""
    while not happened():
        time.sleep(0.02)


@contextmanager
def told_to_end(number: int, there: Path | None = None) -> Iterator[None]:
    """A signal to this process in a moment, once a file is ``there``, which must raise Stopped
    inside."""

    def tell() -> None:
        time.sleep(0.2)
        once(lambda: there is None or there.exists())
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    if before is signal.SIG_IGN:  # as under nohup, where fwgen heeds the signal no more than others
        signal.signal(number, signal.SIG_DFL)
    try:
        with ends_by_exception(), pytest.raises(Stopped) as caught:
            threading.Thread(target=tell, daemon=True).start()
            yield
            time.sleep(NEVER_S)
    finally:
        signal.signal(number, before)
    assert caught.value.exit_code == 128 + number


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_clears_temporary_folders(number: int) -> None:
    made: list[Path] = []
    with told_to_end(number), scratch_folder() as folder:
        made.append(folder)
        (folder / "file").write_text("x")
        time.sleep(NEVER_S)
    assert made and not made[0].exists()


def test_a_signal_ends_what_was_started_and_what_that_started(tmp_path: Path) -> None:
    """Also a grandchild in a group of its own, as Ninja's are, that its parent ends."""
    script = (
        "trap 'kill $pid; exit' TERM; setsid sleep 977 & pid=$!; "
        "echo $pid >new; mv new grandchild; wait $pid"
    )
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        with told_to_end(signal.SIGTERM, tmp_path / "grandchild"):
            run(["/bin/sh", "-c", script])
    finally:
        os.chdir(before)
    grandchild = int((tmp_path / "grandchild").read_text())
    once(lambda: not running(grandchild))


def running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_that_does_not_heed_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fwgen.host.children.GRACE_S", 0.3)
    began = time.monotonic()
    with told_to_end(signal.SIGTERM):
        run(["/bin/sh", "-c", "trap '' TERM; sleep 978; sleep 979"])
    assert time.monotonic() - began < NEVER_S


def test_a_program_that_takes_too_long_is_ended_with_its_children() -> None:
    began = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run(["/bin/sh", "-c", "sleep 976; echo"], timeout_s=0.2)
    assert time.monotonic() - began < NEVER_S


def test_programs_that_cannot_be_started_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"\x7fELF nothing")
    (tmp_path / "text").chmod(0o755)
    for name in (tmp_path / "text", tmp_path / "none", tmp_path):
        with pytest.raises(ToolError, match="could not be started"):
            run([str(name)])


def test_what_must_be_whole_is_done_before_the_signal_counts() -> None:
    done = []
    with ends_by_exception():
        with pytest.raises(Stopped), held_back():
            with held_back():
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0.05)
            done.append(1)
        assert done == [1]
        with held_back():
            done.append(2)
    assert done == [1, 2]


def test_handlers_are_put_back_and_ignored_signals_stay_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ends_by_exception():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_file_is_whole_or_as_before_when_a_signal_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")

    def stop(*_: object) -> None:
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(Stopped):
        write_file(path, b"new")
    assert os.listdir(tmp_path) == ["r.json"] and path.read_text() == "old"


def processes(session: int) -> list[bytes]:
    """The command lines of those in a session, whatever group they made themselves."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            continue
    return [command for command in found if command]  # the dead have none


@pytest.mark.usefixtures("compiled_anew")
@pytest.mark.parametrize(
    ("words", "program"),
    [
        (("build", DIGITS, "-b", "corstone-300"), b"cmake"),
        (("build", DIGITS, "-b", "corstone-300"), b"cc1"),  # below Ninja
        (("build", DIGITS, "-b", "corstone-300", "--npu", "ethos-u55-128"), b"ethosu.vela"),
        (("verify", "PROJECT", "--inputs", "500"), b"oracle_worker"),  # beside QEMU
    ],
)
def test_sigterm_leaves_nothing(
    tmp_path: Path, project: Path, words: tuple[str, ...], program: bytes
) -> None:
    """The signal comes while another program works."""
    temporary, work = tmp_path / "tmp", tmp_path / "work"
    temporary.mkdir()
    work.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-m", "fwgen", *(w.replace("PROJECT", str(project)) for w in words)],
        cwd=work,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stderr is not None
    while not any(program in command for command in processes(child.pid)):
        assert child.poll() is None, child.stderr.read()
    child.terminate()
    said = child.stderr.read()
    assert child.wait(NEVER_S) == 143 and said.endswith("stopped by SIGTERM\n"), said
    assert "Traceback" not in said
    once(lambda: not processes(child.pid))  # some the system has yet to bury
    assert os.listdir(temporary) == []
    left = [p for p in work.rglob(".*") if p.parent in (work, work / "build")]
    assert left == []


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for QEMU."""
    from fwgen.cli import main

    folder = tmp_path_factory.mktemp("built") / "p"
    assert main(["build", DIGITS, "-b", "corstone-300", "-q", "-o", str(folder)]) == 0
    return folder
