"""The shares of ops and functions: an image and a window of its execution -> what it costs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fwgen import DEFAULT_PREFIX, SCHEMA
from fwgen.board import Board, energy
from fwgen.device.run import qemu_machine
from fwgen.device.run.runner import Launch
from fwgen.errors import ToolError, UsageError
from fwgen.measure.counters.analysis import analyse, cycles_of
from fwgen.measure.counters.core_models import CoreModel, find_core, models_of
from fwgen.measure.counters.disassembly import Disassembly
from fwgen.measure.counters.llvm import Llvm, find_llvm
from fwgen.measure.counters.pipeline_model import Costs, timing_of
from fwgen.measure.counters.record import Recording
from fwgen.measure.profile.op_runs import works_of_ops
from fwgen.measure.profile.profile_result import Profile, describe
from fwgen.measure.profile.recording import (
    RecordedMachine,
    RecordedWindow,
    record_elf,
    record_project,
)
from fwgen.measure.profile.slow_memory import SlowMemory, slow_memory
from fwgen.model.control import CONTROL
from fwgen.npu.offload import CODE as NPU_OP


def invoke_symbol(prefix: str = DEFAULT_PREFIX) -> str:
    """The C function that is one inference of a model."""
    return f"{prefix}_invoke"


def inference(prefix: str = DEFAULT_PREFIX) -> RecordedWindow:
    """One inference of an image of ours, op by op: it writes which before each and after the
    last."""
    return RecordedWindow(invoke_symbol(prefix), marks=(f"{prefix}_current_op",))


WITH_WAITS = "with waits"
"""The estimate by the last model of a core, and with it the cycles that slow memory costs."""

DEFAULT_MACHINE, DEFAULT_CORE = "mps3-an547", "cortex-m55"


@dataclass(frozen=True)
class Foreign:
    """How an image that is not a project's runs.

    ``board`` says what ``machine`` (QEMU's), ``core`` (LLVM's name) do not, and gives names to
    memory and joules to cycles. ``loads`` are raw files to put into memory, each FILE@ADDRESS.
    ``send``, ``ready`` and ``until`` are as in ``run.recording.Machine``. ``macs`` are those of the
    window, if known.
    """

    board: Board | None = None
    machine: str = ""
    core: str = ""
    loads: tuple[str, ...] = ()
    semihosting: bool = False
    send: str = ""
    ready: str = "m-ready"
    until: str = ""
    macs: int | None = None

    def qemu(self) -> RecordedMachine:
        """The same for the recorder. Raises UsageError."""
        args, program = ["-M", self.machine or DEFAULT_MACHINE], qemu_machine.PROGRAM
        if self.board and not self.machine:
            machine = self.board.section(qemu_machine.SECTION)
            if machine is None:
                raise UsageError(f"QEMU has no machine for {self.board.name}.", at="--board")
            args, program = [*machine.args], machine.program
        if self.semihosting:
            args += ["-semihosting-config", "enable=on,target=native"]
        for load in self.loads:
            file, _, address = load.rpartition("@")
            if not Path(file).is_file() or not re.fullmatch(r"0x[0-9a-fA-F]+|\d+", address):
                raise UsageError(
                    "Expected a file and its address: FILE@0x....", at=f"--load {load}"
                )
            path = file.replace(",", ",,")
            args += ["-device", f"loader,file={path},addr={address},force-raw=on"]
        return RecordedMachine(tuple(args), self.send, self.ready, self.until, program)

    def model(self) -> CoreModel:
        """The core to estimate for. Raises UsageError."""
        return find_core(self.core or (self.board.cpu.name if self.board else DEFAULT_CORE))


def source_of(core: CoreModel, llvm: Llvm) -> str:
    """Where the cycles of a model of a core come from."""
    return f"pipeline model {core.model} of {core.name}, {core.tables or f'LLVM {llvm.version}'}"


def profile_project(
    launch: Launch, result: Mapping[str, Any], data: bytes, window: RecordedWindow, own: Board
) -> dict[str, Any]:
    """One inference of a project's image -> the keys that it adds to ``result``, the project's own.
    It is for the board ``own``, on which it runs or not.

    What an NPU takes is not in it: the core waits for no time.
    """
    board, elf = launch.board, launch.image
    core, llvm = find_core(board.cpu.name), find_llvm()
    image, prefix = Disassembly(elf, llvm, core.name), str(result["prefix"])
    slow = slow_memory(own, board, bool(result["memory"]["moved"]))
    recording = record_project(image, launch, data, window, slow.options if slow else ())
    profile = _analyse(recording, image, core, window, slow)
    ops: Sequence[Mapping[str, Any]] = ()
    if window == inference(prefix):
        ops = result["ops"]
        codes = [op["op"] for op in ops]
        if not CONTROL.isdisjoint(codes):
            begin, *works, end = profile.works
            of_ops, runs = works_of_ops(works, codes, image)
            profile = replace(profile, works=(begin, *of_ops, end), runs=tuple(runs))
        if len(profile.works) != len(ops) + 2:
            raise ToolError(
                f"The image went through {len(profile.works) - 2} ops, the project has {len(ops)}.",
                at=str(elf),
                tries=("fwgen build, which makes image and project agree",),
            )
    of_core = result["macs"] - sum(op["macs"] for op in result["ops"] if op["op"] == NPU_OP)
    macs = of_core if window.start == invoke_symbol(prefix) else None
    return describe(profile, board.regions, board.section(energy.SECTION), macs, ops)


def profile_elf(
    elf: Path, foreign: Foreign, window: RecordedWindow, timeout_s: float
) -> dict[str, Any]:
    """One execution of a window of any image -> the result."""
    core, llvm, machine = foreign.model(), find_llvm(), foreign.qemu()
    image = Disassembly(elf, llvm, core.name)
    board = foreign.board
    slow = slow_memory(board, board) if board else None
    recording = record_elf(image, machine, window, timeout_s, slow.options if slow else ())
    profile = _analyse(recording, image, core, window, slow)
    regions = board.regions if board else ()
    joules = board.section(energy.SECTION) if board else None
    return {"schema": SCHEMA, **describe(profile, regions, joules, foreign.macs, ())}


def _analyse(
    recording: Recording,
    image: Disassembly,
    core: CoreModel,
    window: RecordedWindow,
    slow: SlowMemory | None,
) -> Profile:
    llvm = find_llvm()
    costs = Costs(recording, image, timing_of(core, llvm))
    works = analyse(recording, image, costs)
    unmodelled, sources = {*costs.unmodelled}, {}
    for other in models_of(core)[1:]:
        costs, name = Costs(recording, image, timing_of(other, llvm)), f"model {other.model}"
        unmodelled |= {*costs.unmodelled}
        sources[name] = source_of(other, llvm)
        for work, segment in zip(works, recording.segments, strict=True):
            work.others[name] = cycles_of(segment, costs)
    if slow:
        last = models_of(core)[-1]
        sources[WITH_WAITS] = f"{source_of(last, llvm)}, simulated caches of {slow.board}"
        for work, segment in zip(works, recording.segments, strict=True):
            work.others[WITH_WAITS] = cycles_of(segment, costs) + slow.waits(segment)
    marks = {image.resolve(mark, "--mark"): mark for mark in window.marks}
    ends = [marks[segment.ended_at] for segment in recording.segments[:-1]]
    return Profile(
        core=core,
        window=window,
        closed_by=recording.closed_by,
        names=(window.start, *ends),
        works=tuple(works),
        unmodelled=tuple(sorted(unmodelled)),
        source=source_of(core, llvm),
        sources=sources,
    )
