"""The shares of ops and functions: Recording -> Profile of instructions, estimated cycles and
memory traffic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fwgen import DEFAULT_PREFIX, SCHEMA
from fwgen.board import Board, Region, energy
from fwgen.device.run import qemu_machine
from fwgen.device.run.runner import Launch
from fwgen.errors import ToolError, UsageError
from fwgen.measure.counters.analysis import Share, Work, analyse, together
from fwgen.measure.counters.core_models import MODEL, CoreModel, find_core
from fwgen.measure.counters.disassembly import Disassembly
from fwgen.measure.counters.llvm import Llvm, find_llvm
from fwgen.measure.counters.pipeline_model import Costs
from fwgen.measure.counters.record import Recording
from fwgen.measure.counters.timing_table import timing_of
from fwgen.measure.profile.op_runs import works_of_ops
from fwgen.measure.profile.recording import (
    RecordedMachine,
    RecordedWindow,
    record_elf,
    record_project,
)
from fwgen.model.control import CONTROL
from fwgen.npu.offload import CODE as NPU_OP


def invoke_symbol(prefix: str = DEFAULT_PREFIX) -> str:
    """The C function that is one inference of a model."""
    return f"{prefix}_invoke"


def inference(prefix: str = DEFAULT_PREFIX) -> RecordedWindow:
    """One inference of an image of ours, op by op: it writes which before each and after the
    last."""
    return RecordedWindow(invoke_symbol(prefix), marks=(f"{prefix}_current_op",))


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


@dataclass(frozen=True)
class Profile:
    """What a window executed. ``names`` and ``works`` are its segments.

    Of an inference with loops or branches, the works between the first and the last are those of
    ops, each of as many ``runs``. ``unmodelled`` are mnemonics that LLVM has no model of, each
    costed with one cycle.
    """

    core: CoreModel
    llvm_version: str
    window: RecordedWindow
    closed_by: str
    names: tuple[str, ...]
    works: tuple[Work, ...]
    unmodelled: tuple[str, ...]
    runs: tuple[int, ...] | None = None

    @property
    def source(self) -> str:
        """Where the cycles come from: estimates of different sources are not to be compared."""
        tables = self.core.tables or f"LLVM {self.llvm_version}"
        return f"pipeline model {MODEL} of {self.core.name}, {tables}"


def profile_project(
    launch: Launch, result: Mapping[str, Any], data: bytes, window: RecordedWindow
) -> dict[str, Any]:
    """One inference of a project's image -> the keys that it adds to ``result``, the project's own.

    What an NPU takes is not in it: the core waits for no time.
    """
    board, elf = launch.board, launch.image
    core, llvm = find_core(board.cpu.name), find_llvm()
    image, prefix = Disassembly(elf, llvm, core.name), str(result["prefix"])
    recording = record_project(image, launch, data, window)
    profile = _analyse(recording, image, core, llvm, window)
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
    recording = record_elf(image, machine, window, timeout_s)
    profile = _analyse(recording, image, core, llvm, window)
    board = foreign.board
    regions = board.regions if board else ()
    joules = board.section(energy.SECTION) if board else None
    return {"schema": SCHEMA, **describe(profile, regions, joules, foreign.macs, ())}


def _analyse(
    recording: Recording, image: Disassembly, core: CoreModel, llvm: Llvm, window: RecordedWindow
) -> Profile:
    costs = Costs(recording, image, timing_of(core, llvm))
    marks = {image.resolve(mark, "--mark"): mark for mark in window.marks}
    ends = [marks[segment.ended_at] for segment in recording.segments[:-1]]
    return Profile(
        core=core,
        llvm_version=llvm.version,
        window=window,
        closed_by=recording.closed_by,
        names=(window.start, *ends),
        works=tuple(analyse(recording, image, costs)),
        unmodelled=tuple(costs.unmodelled),
    )


def describe(
    profile: Profile,
    regions: Sequence[Region],
    joules: energy.Energy | None,
    macs: int | None,
    ops: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The profile as JSON: ``counters`` as those of ``fwgen run``, ``profile`` with all details.

    ``macs`` are those of the window. With ``ops``, the segments are a beginning, the ops, and an
    end.
    """
    whole = together(profile.works)
    cycles = round(whole.total.cycles)
    segments = (
        []
        if ops
        else [
            _segment(name, work, regions, None)
            for name, work in zip(profile.names, profile.works, strict=True)
        ]
    )
    counters: dict[str, Any] = {
        "source": profile.source,
        "unit": "estimated_cycles",
        "total": cycles,
        "ops": [],
    }
    if ops:
        runs = [{"runs": count} for count in profile.runs] if profile.runs else [{} for _ in ops]
        segments = [
            {"op": op["index"], **count, **_segment(op["op"], work, regions, _macs(op))}
            for op, count, work in zip(ops, runs, profile.works[1:-1], strict=True)
        ]
        counters["ops"] = [
            {"index": segment["op"], "value": segment["estimated_cycles"]} for segment in segments
        ]
    details = {
        "core": profile.core.name,
        "trust": profile.core.trust,
        "limit_macs_per_cycle": profile.core.macs_per_cycle,
        "start": profile.window.start,
        "stop": profile.window.stop,
        "closed_by": profile.closed_by,
        **_segment("total", whole, regions, macs),
        "segments": segments,
        "symbols": [{"name": name, **_share(share)} for name, share in _by_cycles(whole.symbols)],
        "unmodelled": list(profile.unmodelled),
    }
    found: dict[str, Any] = {"counters": counters, "profile": details}
    if joules is not None:
        found["energy"] = {
            "unit": "estimated_uj",
            "total": energy.estimated_uj(cycles, joules),
            "pj_per_cycle": joules.pj_per_cycle,
            "calibrated": joules.calibrated,
            "source": joules.source,
        }
    return found


def _macs(op: Mapping[str, Any]) -> int | None:
    """Those that the core does."""
    return None if op["op"] == NPU_OP else int(op["macs"])


def _segment(name: str, work: Work, regions: Sequence[Region], macs: int | None) -> dict[str, Any]:
    cycles = work.total.cycles
    return {
        "name": name,
        **_share(work.total),
        "macs": macs,
        "macs_per_cycle": round(macs / cycles, 3) if macs and cycles else None,
        "classes": dict(sorted(work.classes.items(), key=lambda item: -item[1])),
        "memory": _memory(work.pages, regions),
    }


def _share(share: Share) -> dict[str, int]:
    return {"instructions": share.instructions, "estimated_cycles": round(share.cycles)}


def _by_cycles(symbols: Mapping[str, Share]) -> list[tuple[str, Share]]:
    found = [(name, share) for name, share in symbols.items() if share.instructions]
    return sorted(found, key=lambda item: (-item[1].cycles, item[0]))


def _memory(
    pages: Mapping[int, tuple[int, int]], regions: Sequence[Region]
) -> list[dict[str, object]]:
    """Bytes loaded and stored by region; what no region has goes by its 16 MiB of addresses."""
    loaded: Counter[str] = Counter()
    stored: Counter[str] = Counter()
    for page, (read, written) in sorted(pages.items()):
        names = (r.name for r in regions if r.origin <= page < r.origin + r.bytes)
        name = next(names, f"{page >> 24 << 24:#010x}")
        loaded[name] += read
        stored[name] += written
    return [
        {"region": name, "loaded_bytes": loaded[name], "stored_bytes": stored[name]}
        for name in loaded
    ]
