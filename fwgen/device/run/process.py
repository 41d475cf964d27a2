"""A simulator or native program as a Stream: its own process group, no orphans, bounded waits."""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from fwgen.device.link.faults import Disconnected, NoAnswer, OutOfTime
from fwgen.errors import DeviceFault, DeviceUnavailable, FwgenError
from fwgen.host.patience import Patience
from fwgen.host.stop import held_back

Verdict = Callable[[int | None, str, bool], DeviceFault | DeviceUnavailable]
"""(exit code, log, whether the device was heard) -> what the end of the process means."""

CHUNK_BYTES = 1 << 16
LOG_BYTES = 1 << 14  # the beginning is dropped
INBOX_BYTES = 1 << 20  # a device that says more while it takes nothing is out of order
STALL_S = 5.0  # longest wait for a device that takes nothing
END_S = 2.0  # from the end of the output to the end of the process


class Attendant(Protocol):
    """Something that the device needs beside the host at the other end of its stream."""

    def serve(self) -> bool:
        """Do what is asked for; False if nothing will be any more."""

    def close(self) -> None:
        """Let go of everything. May be called again."""


class Process:
    """A child process whose standard input and output are the stream; standard error is its log.

    All limits are in seconds of ``clock``, which stands while the child waits for a processor or we
    work for it.

    The child belongs to the process group of a small guard, a shell that waits for the end of a
    pipe which only this process can write. When this process ends in any way, a SIGKILL included,
    the pipe closes and the guard kills its group: child, grandchildren and itself.
    """

    log_file: Path | None = None
    """The path of the log with all output of the process, None if no log is kept."""

    def __init__(
        self,
        command: Sequence[str],
        verdict: Verdict,
        *,
        limit_s: float,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._verdict = verdict
        self._limit_s = limit_s
        self._child: subprocess.Popen[bytes] | None = None
        self.clock = Patience()
        """What limits of this session are measured with."""
        self._deadline = self.clock() + limit_s
        self._heard = False
        self._log = bytearray()
        self._inbox = bytearray()
        self._sockets: list[socket.socket] = []
        self._attendants: list[Attendant] = []
        self._selector = selectors.DefaultSelector()
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", "read -r end; kill -9 0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        try:
            self._start(command, env, pass_fds)
        except BaseException:
            self.close()
            raise

    def _start(
        self, command: Sequence[str], env: Mapping[str, str] | None, pass_fds: Sequence[int]
    ) -> None:
        pipe = subprocess.PIPE
        try:
            self._child = subprocess.Popen(
                command,
                bufsize=0,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                process_group=self._guard.pid,
                env=env,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise DeviceUnavailable(
                f"The program could not be started: {error.strerror}.", at=command[0]
            ) from None
        self.clock.pid = self._child.pid
        stdin, stdout, stderr = self._child.stdin, self._child.stdout, self._child.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        os.set_blocking(stdin.fileno(), False)
        self._sink, self._source = stdin.fileno(), stdout.fileno()
        for end in (stdout.fileno(), stderr.fileno()):
            self._selector.register(end, selectors.EVENT_READ)

    def speak_through(self, connection: socket.socket) -> None:
        """From now on the device is at the other end of ``connection``; its output is log."""
        connection.setblocking(False)
        self._sockets = [connection, connection.dup()]
        self._source, self._sink = (end.fileno() for end in self._sockets)
        self._selector.register(self._source, selectors.EVENT_READ)

    def attend(self, connection: socket.socket, attendant: Attendant) -> None:
        """While waiting for the device, have ``attendant`` serve whenever ``connection`` has
        something to read. What it raises, ``read`` and ``write`` raise."""
        self._sockets.append(connection)
        self._attendants.append(attendant)
        self._selector.register(connection, selectors.EVENT_READ, attendant.serve)

    def wait_for(self, pattern: re.Pattern[bytes], timeout_s: float) -> re.Match[bytes] | None:
        """Read, as log, until ``pattern`` turns up in the log; None when it does not in time."""
        until = self.clock() + timeout_s
        while (match := pattern.search(self._log)) is None:
            left = until - self.clock()
            if left <= 0:
                return None
            self._note(self.read(left))
        return match

    @property
    def log(self) -> str:
        """The latest of what the process said beside the device, fit to be printed."""
        text = self._log.decode("utf-8", "replace")
        return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)

    def read(self, timeout_s: float) -> bytes:
        until = min(self.clock() + timeout_s, self._deadline)
        while not self._inbox and self._source in self._selector.get_map():
            now = self.clock()
            if now >= self._deadline:
                raise OutOfTime(f"The run took longer than {self._limit_s:g} s.")
            if now >= until:
                return b""
            self._pump(until - now)
        if not self._inbox:
            raise self._ending()
        data = bytes(self._inbox)
        self._inbox.clear()
        return data

    def write(self, data: bytes) -> None:
        """Hand ``data`` over while listening, so that neither side waits for ever for the other."""
        left = memoryview(data)
        stalled = self.clock() + STALL_S
        self._selector.register(self._sink, selectors.EVENT_WRITE)
        try:
            while left:
                if self.clock() >= stalled or len(self._inbox) > INBOX_BYTES:
                    raise NoAnswer("The device takes no bytes any more.")
                if not self._pump(stalled - self.clock()):
                    continue
                with suppress(BlockingIOError):
                    left = left[os.write(self._sink, left[:CHUNK_BYTES]) :]
                    stalled = self.clock() + STALL_S
        except ConnectionError:
            pass  # it is gone: reading tells why
        finally:
            self._selector.unregister(self._sink)

    def finish(self, timeout_s: float) -> None:
        """Wait until the process ended by itself; raises the fault that it ended with, if any."""
        until = self.clock() + timeout_s
        try:
            while (left := until - self.clock()) > 0:
                self.read(left)
        except Disconnected:
            return
        raise NoAnswer(f"The program did not end within {timeout_s:g} s of being told to.")

    def close(self) -> None:
        """Kill the whole group and wait for its end. May be called again."""
        with held_back():
            self._close()

    def _close(self) -> None:
        if self._guard.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._guard.pid, signal.SIGKILL)
        for process in (self._child, self._guard):
            if process is not None:
                process.wait()
                for pipe in (process.stdin, process.stdout, process.stderr):
                    if pipe is not None:
                        pipe.close()
        for attendant in self._attendants:
            attendant.close()
        for connection in self._sockets:
            connection.close()
        self._selector.close()

    def complete(self, error: BaseException) -> None:
        """Add to an error of ours where the whole log is."""
        if self.log_file is not None and isinstance(error, FwgenError):
            error.tries = (*error.tries, f"read the whole log: {self.log_file}")

    def _pump(self, timeout_s: float) -> bool:
        """Take in what there is, after at most ``timeout_s``; whether the sink takes bytes."""
        writable = False
        for key, _ in self._selector.select(timeout_s):
            if key.data is not None:
                with self.clock.suspended():  # it is we who work
                    more = key.data()
                if not more:
                    self._selector.unregister(key.fd)
            elif key.fd == self._sink:
                writable = True
            else:
                self._take_in(key.fd)
        return writable

    def _take_in(self, end: int) -> None:
        try:
            data = os.read(end, CHUNK_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self._selector.unregister(end)
        elif end == self._source:
            self._heard = True
            self._inbox += data
        else:
            self._note(data)

    def _note(self, data: bytes) -> None:
        self._log += data
        del self._log[:-LOG_BYTES]

    def _ending(self) -> DeviceFault | DeviceUnavailable:
        """Why there is nothing more to read."""
        assert self._child is not None
        until = self.clock() + END_S
        while self._selector.get_map() and self.clock() < until:
            self._pump(until - self.clock())
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(max(0.0, until - self.clock()))
        return self._verdict(self._child.returncode, self.log, self._heard)
