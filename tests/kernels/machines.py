"""Machines that execute runs: this one, and a Cortex-M55 in QEMU; with each compiler.

The Cortex-M55 has all instructions of the cores before it, and executes what is compiled for them.

Each compiles kernels once in a session, puts all runs into one program, and says for each run how
the arena was left, how many instructions it took, and what its loads and stores were like.
"""

from __future__ import annotations

import hashlib
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from fwgen.board import load_board
from fwgen.device.run.qemu_machine import machine_of, qemu_major
from fwgen.kernels import c_files
from fwgen.kernels.c_files import FOLDER
from tests.kernels.arena import Arena, Run, arena_of
from tests.kernels.cmsis_library import LIBC, Library, stand_in
from tests.kernels.kernel_rows import header_folders, kernel_files, memory_functions
from tests.kernels.on_this_machine import FLAGS
from tests.kernels.program import Program, message

HARNESS = Path(__file__).parent / "harness"
BOARD = load_board("corstone-300")

ICOUNT_SHIFT = 8
TICKS_PER_INSTRUCTION = (1 << ICOUNT_SHIFT) * 32e6 / 1e9
QUIT = {2: "a case is malformed", 3: "cannot write", 5: "a fault", -4: "undefined behaviour"}


@dataclass(frozen=True)
class Machine:
    """A machine with a compiler; ``flags`` are those of kernels. ``library`` serves CMSIS-NN.

    Kernels are those for the core ``cpu``, if it has an order of its own, in one folder.
    """

    name: str
    compiler: tuple[str, ...]
    flags: tuple[str, ...]
    simulated: bool
    library: Library | None = None
    cpu: str = ""

    @property
    def include(self) -> tuple[str, ...]:
        kernels = (_flat(self.cpu),) if self.cpu else header_folders()
        folders = [f"-I{folder}" for folder in (HARNESS, *kernels)]
        if self.simulated:
            folders += map(str, LIBC)
        library = self.library or stand_in()
        return (*folders, "-isystem", str(library.include))


UNDEFINED = ("-fsanitize=undefined", "-fsanitize=thread")
HERE = Machine(
    "gcc",
    ("gcc",),
    ("-O1", "-fno-builtin", *UNDEFINED, "-fsanitize-undefined-trap-on-error"),
    simulated=False,
)
HERE_CLANG = Machine(
    "clang",
    ("clang-19",),
    ("-O1", "-fno-builtin", *UNDEFINED, "-fsanitize-trap=undefined"),
    simulated=False,
)
FAST = Machine("gcc -O2", ("gcc",), ("-O2",), simulated=False)
"""Without any judge of accesses, for the outputs that others must have."""

_ARM_FLAGS = ("-O2", "-ffreestanding", "-fno-strict-aliasing")
_SILENT = "-Wno-unused-command-line-argument"


def _for(cpu: str, target: str, *flags: str) -> tuple[Machine, Machine]:
    """The Cortex-M55 with what each compiler makes for ``cpu``."""
    clang = ("clang-19", f"--target={target}-none-eabi", f"-mcpu={cpu}", *flags, _SILENT)
    return (
        Machine(
            f"arm gcc for {cpu}",
            ("arm-none-eabi-gcc", f"-mcpu={cpu}", "-mthumb", *flags),
            _ARM_FLAGS,
            simulated=True,
        ),
        Machine(f"arm clang for {cpu}", clang, _ARM_FLAGS, simulated=True),
    )


_HARD = "-mfloat-abi=hard"
CORES = {
    "cortex-m55": _for("cortex-m55", "thumbv8.1m.main", _HARD),
    "cortex-m7": _for("cortex-m7", "thumbv7em", _HARD, "-mfpu=fpv5-sp-d16"),
    "cortex-m4": _for("cortex-m4", "thumbv7em", _HARD, "-mfpu=fpv4-sp-d16"),
    "cortex-m3": _for("cortex-m3", "thumbv7m"),
    "cortex-m0": _for("cortex-m0", "thumbv6m"),
}
"""With gcc and with clang, by the core for which kernels are compiled."""

M55, M55_CLANG = CORES["cortex-m55"]

ORDERED = {
    cpu: replace(M55, name=f"arm gcc, in the order for {cpu}", cpu=cpu)
    for cpu in sorted({path.name for path in FOLDER.glob("*/cortex-*")})
}
"""By core, those with kernels in that core's order, which the Cortex-M55 executes."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run left: its arena, instructions (0 on this machine), and its bad accesses in words.

    ``after`` tells for each input (by tensor) the set of w - r of which an output byte w was
    written before the input byte r was read.
    """

    arena: Arena
    left: np.ndarray
    instructions: int
    fault: str | None
    after: dict[int, np.ndarray]

    @property
    def output(self) -> bytes:
        """The bytes of all outputs of the graph."""
        outputs = self.arena.run.graph.outputs
        return b"".join(self.arena.tensor(self.left, t).tobytes() for t in outputs)


def execute(runs: Sequence[Run], machine: Machine, traced: bool = True) -> list[Outcome]:
    """Run all, in one program."""
    program = Program()
    arenas = [arena_of(run) for run in runs]
    messages = [message(program, arena) for arena in arenas]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        binary = _link(program, machine, folder)
        (folder / "in").write_bytes(b"".join(messages))
        command = (
            _simulator(binary, traced) if machine.simulated else [binary, "in", "out", "trace"]
        )
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        code, out = done.returncode, (folder / "out").read_bytes()
        judged = traced and machine is not FAST
        trace = (folder / "trace").read_bytes() if judged else b""
    if code:
        ended = _ended(arenas, out)
        what = [t.shape for t in ended.run.graph.tensors] if ended else ""
        raise AssertionError(
            f"{machine.name} ended with {code} ({QUIT.get(code, 'unknown')}) in {what}: "
            f"{done.stderr[-2000:]}"
        )
    return list(_outcomes(arenas, out, trace if judged else None))


def _ended(arenas: Sequence[Arena], out: bytes) -> Arena | None:
    """The case that did not come to its end."""
    left = len(out)
    for arena in arenas:
        left -= 4 + arena.size
        if left < 0:
            return arena
    return None


def _outcomes(arenas: Sequence[Arena], out: bytes, trace: bytes | None) -> list[Outcome]:
    outcomes, at, where = [], 0, 0
    for arena in arenas:
        (ticks,) = struct.unpack_from("<I", out, at)
        left = np.frombuffer(out, np.uint8, arena.size, at + 4)
        at += 4 + arena.size
        fault, after = arena.damage(left), {}
        if trace is not None:
            bad, offset, kind, inputs = struct.unpack_from("<4I", trace, where)
            where += 16
            if bad:
                fault = f"{'load from' if kind == 1 else 'store to'} {arena.where(offset)}"
            for k in range(inputs):
                (bits,) = struct.unpack_from("<I", trace, where)
                size = 8 * (bits // 64 + 1)
                words = np.frombuffer(trace, np.uint8, size, where + 4)
                where += 4 + size
                index = arena.traced[k]
                set_ = np.flatnonzero(np.unpackbits(words, bitorder="little"))
                after[index] = set_ - arena.run.graph.tensors[index].bytes + 1
        outcomes.append(Outcome(arena, left, round(ticks / TICKS_PER_INSTRUCTION), fault, after))
    assert at == len(out) and (trace is None or where == len(trace))
    return outcomes


def _simulator(elf: Path, traced: bool) -> list[str]:
    command = ["qemu-system-arm", *machine_of(BOARD).args, "-display", "none"]
    command += ["-monitor", "none", "-serial", "none", "-icount", f"shift={ICOUNT_SHIFT}"]
    command += ["-semihosting-config", "enable=on,target=native", "-kernel", str(elf)]
    if traced:
        command += ["-plugin", f"{_plugin()},in=in,record=trace"]
    return command


def _call(command: Sequence[str | Path], folder: Path | None = None) -> None:
    words = list(map(str, command))
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


_folder: list[Path] = []


def use_folder(folder: Path) -> None:
    """Keep object files there: processes of a session may share it."""
    _folder[:] = [folder]


def _objects() -> Path:
    if not _folder:
        _folder.append(Path(tempfile.mkdtemp(prefix="fwgen-kernels-")))
    return _folder[0]


def _object(command: Sequence[str], source: Path) -> Path:
    """The object file of a C file, compiled if it is not there yet."""
    made = _objects() / f"{hashlib.sha256(repr((command, source)).encode()).hexdigest()[:20]}.o"
    if not made.is_file():
        with tempfile.TemporaryDirectory(dir=_objects()) as name:
            fresh = Path(name) / "o"
            _call([*command, "-c", source, "-o", fresh])
            fresh.replace(made)
    return made


@cache
def _flat(cpu: str) -> Path:
    """A folder of all kernels for a core, as a generated project has one."""
    made = _objects() / cpu
    if not made.is_dir():
        with tempfile.TemporaryDirectory(dir=_objects()) as name:
            fresh = Path(name) / cpu
            fresh.mkdir()
            for file, path in c_files.kernel_files(cpu).items():
                (fresh / file).symlink_to(path)
            with suppress(OSError):  # another process was faster
                fresh.rename(made)
    return made


@cache
def _plugin() -> Path:
    source = (HARNESS / "plugin.c", HARNESS / "accesses.c")
    made = _objects() / "plugin.so"
    if not made.is_file():
        interface = f"-DPLUGIN_API={1 if qemu_major('qemu-system-arm') < 9 else 2}"
        with tempfile.TemporaryDirectory(dir=_objects()) as name:
            fresh = Path(name) / "plugin.so"
            flags = ["-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", interface]
            _call(["gcc", *flags, f"-I{HARNESS}", *source, "-o", fresh])
            fresh.replace(made)
    return made


def object_of(name: str, machine: Machine) -> Path:
    """The object file of a kernel, as runs on the machine have it."""
    path = kernel_files(machine.cpu)[name]
    if machine.cpu:
        path = _flat(machine.cpu) / path.name
    return _object([*machine.compiler, *machine.include, *machine.flags, *FLAGS], path)


def _link(program: Program, machine: Machine, folder: Path) -> Path:
    base = [*machine.compiler, *machine.include]
    kernel = [*base, *machine.flags, *FLAGS]
    objects = [object_of(name, machine) for name in sorted(program.kernels)]
    library = machine.library or stand_in()
    if any(name.startswith("cmsis_") for name in program.kernels):
        objects += [f if f.suffix == ".a" else _object(kernel, f) for f in library.files]
    source, binary = folder / "calls.c", folder / "program"
    source.write_text(program.source)
    if machine.simulated:
        base = [*M55.compiler, *machine.include, "-ffreestanding"]
        if "-mcpu=cortex-m0" in machine.compiler:
            base += ["-DALIGNED_ONLY", "-mno-unaligned-access"]
        mine = [HARNESS / "cases.c", HARNESS / "cortex_m55.c", memory_functions()]
    else:
        base = ["gcc", *machine.include]
        mine = [HARNESS / f"{name}.c" for name in ("cases", "this_machine", "accesses")]
    strict = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
    objects += [_object([*base, *strict, "-O2"], file) for file in mine]
    objects.append(folder / "calls.o")
    # the calls themselves need no optimization, and compile faster without; a name without its
    # folder, which is another each time, lets ccache know a text that it has seen
    _call([*base, *strict, "-O1", "-c", source.name, "-o", objects[-1].name], folder)
    if machine.simulated:
        # kernels pass no floats: it is one whether they are compiled for a core without an FPU
        script = ["-nostdlib", "-Wl,--no-warn-rwx", "-Wl,--no-warn-mismatch"]
        script += ["-T", HARNESS / "cortex_m55.ld"]
        _call([*M55.compiler, *script, *objects, "-lgcc", "-o", binary])
    else:
        _call(["gcc", "-no-pie", *dict.fromkeys(objects), "-lm", "-o", binary])
    return binary
