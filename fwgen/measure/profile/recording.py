"""QEMU with the recorder: an image and a window of its execution -> Recording."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fwgen.device.link import Link
from fwgen.device.run import find_runner
from fwgen.device.run.process import Process
from fwgen.device.run.qemu import RUNNER
from fwgen.device.run.qemu_machine import PROGRAM, machine_of
from fwgen.device.run.qemu_process import QemuProcess, explain_end
from fwgen.device.run.qemu_process import start as start_qemu
from fwgen.device.run.runner import Capability, Choice, Launch
from fwgen.errors import DeviceFault, UsageError
from fwgen.host.scratch import scratch_folder
from fwgen.measure.counters.disassembly import Disassembly
from fwgen.measure.counters.record import Recording, has_begun, is_complete, read_record
from fwgen.measure.counters.recorder import recorder

_POLL_S = 0.1
_HEARD_BYTES = 1 << 20
_QUIT_S = 60.0  # beyond the user's limit, which the drivers here keep themselves
_NOWHERE = "1"  # code has even addresses


@dataclass(frozen=True)
class RecordedWindow:
    """What to record: from ``start`` to ``stop``, divided at ``marks``.

    Each is a symbol or an address; ``stop`` may be "ret", for the return from ``start`` to its
    caller, or "exit", for the end of the program. A mark that is data counts when it has been
    written.
    """

    start: str
    stop: str = "ret"
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordedMachine:
    """Where a foreign image runs and what it needs: arguments of QEMU, the machine's among them.

    ``send`` is typed once the output matches ``ready``. When it matches ``until``, the run is over.
    """

    args: tuple[str, ...]
    send: str = ""
    ready: str = ""
    until: str = ""
    program: str = PROGRAM


Drive = Callable[[Process, Path], None]
"""Takes a started image through the window, whose record is written to the path."""


@dataclass(frozen=True)
class Start:
    """How QEMU, which is ``program``, starts on an image: ``begin`` with further arguments and a
    number of seconds."""

    program: str
    begin: Callable[[Sequence[str], float], Process]


def record_project(
    image: Disassembly,
    launch: Launch,
    data: bytes,
    window: RecordedWindow,
    further: Sequence[str] = (),
) -> Recording:
    """One inference of a firmware of ours on ``data``, the bytes of all its inputs.

    ``further`` are options of the recorder: the caches that it simulates.
    ``image`` is the one to ``launch``. Raises UsageError, ToolError, DeviceUnavailable and
    DeviceFaults.
    """
    choice = Choice(RUNNER.name, needs=frozenset({Capability.RECORD}))
    find_runner(launch.board, choice, launch.npu)

    def drive(process: Process, record: Path) -> None:
        timeouts = replace(RUNNER.timeouts, inference_s=launch.inference_s)
        link = Link(
            process,
            build=launch.build,
            timeouts=timeouts,
            clock=process.clock,
        )
        link.memory = process.memory if isinstance(process, QemuProcess) else None
        link.sizes = launch.sizes
        link.wait_boot()
        if launch.model is not None:
            link.choose(launch.model, launch.sizes)
        link.load(data)
        link.run()
        if not is_complete(record):
            raise _open_window(record, window, "the inference was over")

    def begin(arguments: Sequence[str], limit_s: float) -> Process:
        limited = replace(launch, counters=False, limit_s=limit_s)
        return start_qemu([*RUNNER.command(limited), *arguments], limited)

    program = machine_of(launch.board).program
    options = (*_options(image, window), *further)
    return _record(Start(program, begin), options, drive, launch.inference_s)


def record_elf(
    image: Disassembly,
    machine: RecordedMachine,
    window: RecordedWindow,
    timeout_s: float,
    further: Sequence[str] = (),
) -> Recording:
    """An execution of any image. Raises as ``record_project``."""
    ready, until = _pattern(machine.ready, "--ready"), _pattern(machine.until, "--until")

    def drive(process: Process, record: Path) -> None:
        deadline = process.clock() + timeout_s
        to_send, heard = machine.send.encode(), b""
        while not is_complete(record):
            if until and until.search(heard):
                raise _open_window(record, window, "the output matched --until", heard)
            if process.clock() > deadline:
                raise _open_window(record, window, f"{timeout_s:g} s had passed", heard)
            if to_send and ready.search(heard):
                process.write(to_send)
                to_send = b""
            try:
                heard = (heard + process.read(_POLL_S))[-_HEARD_BYTES:]
            except DeviceFault as end:
                if not is_complete(record):
                    when = f"the run ended: {end.what.rstrip('.')}"
                    raise _open_window(record, window, when, heard) from None

    serial = ("-nographic", "-monitor", "none", "-serial", "stdio")
    command = [machine.program, *machine.args, *serial, "-kernel", str(image.path)]

    def begin(arguments: Sequence[str], limit_s: float) -> Process:
        return Process([*command, *arguments], explain_end, limit_s=limit_s)

    options = (*_options(image, window), *further)
    return _record(Start(machine.program, begin), options, drive, timeout_s)


def _record(start: Start, options: Sequence[str], drive: Drive, timeout_s: float) -> Recording:
    with scratch_folder() as folder:
        record = folder / "record"
        words = [str(recorder(start.program, folder)), f"out={record}", *options]
        plugin = ",".join(word.replace(",", ",,") for word in words)  # as QEMU's options want it
        process = start.begin(["-plugin", plugin], timeout_s + _QUIT_S)
        try:
            drive(process, record)
        finally:
            process.close()
        return read_record(record)


def _options(image: Disassembly, window: RecordedWindow) -> list[str]:
    """The window as arguments of the recorder."""
    options = [f"start={image.resolve(window.start, '--start'):x}"]
    if window.stop == "exit":
        options.append(f"stop={_NOWHERE}")
    elif window.stop != "ret":
        options.append(f"stop={image.resolve(window.stop, '--stop'):x}")
    marks = [image.resolve(mark, "--mark") for mark in window.marks]
    for option, data in (("marks", False), ("stores", True)):
        chosen = [f"{mark:x}" for mark in marks if image.is_data(mark) is data]
        options += [f"{option}={':'.join(chosen)}"] if chosen else []
    return options


def _pattern(text: str, option: str) -> re.Pattern[bytes]:
    """A regular expression for output; one that never matches for no text."""
    try:
        return re.compile(text.encode() or b"(?!)")
    except re.error as error:
        raise UsageError(
            f"This is no regular expression: {error}.", at=f"{option} {text}"
        ) from None


def _open_window(
    record: Path, window: RecordedWindow, when: str, heard: bytes = b""
) -> DeviceFault:
    """The fault of a window that did not close."""
    words = heard.decode("utf-8", "replace").strip().splitlines()
    said = f"last output: {words[-1][:200]}" if words else ""
    if not has_begun(record):
        return DeviceFault(
            f"The image did not reach {window.start} before {when}.",
            at=said,
            tries=("--send and --ready if it waits for input", "a larger --timeout"),
        )
    return DeviceFault(
        f"The image reached {window.start} but not the end of the window before {when}.",
        at=said,
        tries=("--stop SYMBOL, if it is left in another way than by a return to its caller",),
    )
