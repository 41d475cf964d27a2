"""Limits follow progress: a busy machine, a slow transfer, long work of ours end no session."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from fwgen.device import rsp
from fwgen.device.link.faults import OutOfTime
from fwgen.device.run import gdb
from fwgen.device.run.gdb import CHUNK_BYTES, Gdb
from fwgen.errors import DeviceFault
from fwgen.host.patience import GRAIN_S, Patience


def test_time_passes_as_on_the_wall_while_nothing_waits() -> None:
    start, clock = time.monotonic(), Patience()
    time.sleep(0.3)
    assert 0.1 < clock() <= time.monotonic() - start


def test_time_in_which_a_processor_is_waited_for_does_not_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 10 s, the device waited 4 s and we 3 s; more than all cannot have been waited."""
    now, waits = 100.0, {"/proc/self": 0.0, "/proc/7/task/8": 0.0, "/proc/7/task/9": 0.0}
    monkeypatch.setattr("fwgen.host.patience.time.monotonic", lambda: now)
    monkeypatch.setattr(Path, "iterdir", lambda _: [Path("/proc/7/task/8"), Path("/proc/7/task/9")])
    monkeypatch.setattr(Path, "read_text", lambda path: f"5 {int(waits[str(path.parent)] * 1e9)} 1")
    clock = Patience(7)
    now = 110.0
    waits |= {"/proc/self": 3.0, "/proc/7/task/8": 4.0, "/proc/7/task/9": 1.0}
    assert clock() == pytest.approx(3.0)
    now, waits["/proc/self"] = 120.0, 15.0
    assert clock() == pytest.approx(3.0)
    now = 121.0
    assert clock() == pytest.approx(4.0)


def test_where_the_kernel_does_not_tell_it_is_the_time_on_the_wall(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(_: Path) -> str:
        raise FileNotFoundError

    now = 1.0
    monkeypatch.setattr("fwgen.host.patience.time.monotonic", lambda: now)
    monkeypatch.setattr(Path, "read_text", absent)
    clock = Patience(7)
    now = 9.0
    assert clock() == 8.0


def test_no_time_passes_while_we_work() -> None:
    clock = Patience()
    before = clock()
    with clock.suspended():
        time.sleep(4 * GRAIN_S)
        clock()
    assert clock() == before


def test_a_process_that_is_starved_is_waited_for() -> None:
    """Of two that share one processor and never rest, each waits half of the time."""
    busy = [sys.executable, "-c", "import os; os.sched_setaffinity(0, {0})\nwhile True: pass"]
    children = [subprocess.Popen(busy) for _ in range(4)]
    try:
        time.sleep(0.3)
        clock, start = Patience(children[0].pid), time.monotonic()
        time.sleep(1.0)
        assert clock() < 0.7 * (time.monotonic() - start)
    finally:
        for child in children:
            child.kill()
            child.wait()


def slow_stub(theirs: socket.socket, pause_s: float, answer: Callable[[bytes], bytes]) -> None:
    """Take packets one by one, each after a pause, until an end is closed."""
    waiting = b""
    with suppress(OSError):
        while data := theirs.recv(4096):
            waiting += data
            while found := re.match(rb"[^$]*\$([^#]*)#..", waiting, re.DOTALL):
                waiting = waiting[found.end() :]
                time.sleep(pause_s)
                said = answer(found[1])
                theirs.sendall(b"+$%s#%02x" % (said, sum(said) & 0xFF))


@pytest.fixture
def connection() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return ours, theirs


def test_a_transfer_may_take_as_long_as_it_goes_on(
    connection: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways, of more than sockets hold, in many times what one silence may last."""
    monkeypatch.setattr(gdb, "ANSWER_S", 1.0)
    ours, theirs = connection
    count = 130

    def answer(request: bytes) -> bytes:
        return b"OK" if request.startswith(b"M") else b"ab" * CHUNK_BYTES

    stub = threading.Thread(target=slow_stub, args=(theirs, 0.01, answer), daemon=True)
    stub.start()
    with ours, theirs:
        client = Gdb(ours, Patience())
        start = time.monotonic()
        client.write([(0x1000, bytes(count * CHUNK_BYTES))])
        assert client.read(0x1000, count * CHUNK_BYTES) == b"\xab" * count * CHUNK_BYTES
        assert time.monotonic() - start > 2 * gdb.ANSWER_S


def test_silence_ends_a_transfer(
    connection: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gdb, "ANSWER_S", 0.2)
    monkeypatch.setattr(rsp, "_LOOK_S", 0.05)
    ours, theirs = connection
    with ours, theirs:
        client = Gdb(ours, time.monotonic)
        with pytest.raises(OutOfTime, match="did not answer"):
            client.read(0, 4)
        with pytest.raises(DeviceFault):  # nor if it takes nothing
            client.write([(0, bytes(1 << 20))])
