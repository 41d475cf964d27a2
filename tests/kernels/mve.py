"""Runs an op's C kernels on a Cortex-M55 in QEMU and counts their instructions.

The counterpart of ``kernels``, which runs them on this machine. All cases go into one firmware;
what a run needs (tensors, constants, scratch) travels through files. Around each block of memory
are guard bytes, so that a write outside of it is found.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from fwgen.board import load_board
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.device.run.qemu_machine import machine_of
from fwgen.kernels import kernels_of
from fwgen.kernels.c_files import kernel_files, kernel_folders
from fwgen.model.graph import Graph, Op
from tests.kernels.on_this_machine import FLAGS, Array, Case, Code, reference
from tests.kernels.on_this_machine import run as run_here

FIRMWARE = Path(__file__).parents[1] / "device" / "firmware"
BOARD = load_board("corstone-300")
GCC = ("arm-none-eabi-gcc", *BOARD.cpu.flags)
OPTIMIZE = ("-O2", "-ffreestanding", "-fno-strict-aliasing")

ICOUNT_SHIFT = 8
TICKS_PER_INSTRUCTION = (1 << ICOUNT_SHIFT) * 32e6 / 1e9
QUIT = {2: "a case is malformed", 3: "cannot write", 4: "a guard was overwritten", 5: "a fault"}

Pick = Callable[[Graph, Op], Kernel]


@dataclass(frozen=True)
class Result:
    """What a case left: the arrays of all its graph's tensors, and instructions of its calls."""

    tensors: list[Array]
    instructions: int


def named(name: str) -> Pick:
    """Pick the variant called ``name``, which must hold."""

    def pick(graph: Graph, op: Op) -> Kernel:
        (variant,) = (v for v in kernels_of(op.code) if v.name == name)
        assert variant.takes(Node(graph, op)), f"{name} does not hold"
        return variant

    return pick


def run(
    cases: Sequence[Case],
    pick: Pick = reference,
) -> list[Result]:
    """Run each case with the kernels of the variants that ``pick`` gives.

    Constants must come back unchanged.
    """
    codes: dict[int, Code] = {}
    for graph, _ in cases:
        if id(graph) not in codes:
            codes[id(graph)] = Code(graph, len(codes), pick)
    sent = [(code := codes[id(graph)], code.blocks(inputs)) for graph, inputs in cases]
    with TemporaryDirectory() as name:
        folder = Path(name)
        elf = _compile(list(codes.values()), folder)
        (folder / "in").write_bytes(b"".join(_message(*case) for case in sent))
        _simulate(elf, folder)
        received = (folder / "out").read_bytes()
    results, at = [], 0
    for code, blocks in sent:
        (ticks,) = struct.unpack_from("<I", received, at)
        at += 4
        after = []
        for block in blocks:
            after.append(received[at : at + block.nbytes])
            at += block.nbytes
        for index in code.constants:
            assert after[index] == blocks[index].tobytes(), "a constant was overwritten"
        tensors = [
            np.frombuffer(data, tensor.dtype.numpy).reshape(tensor.shape)
            for tensor, data in zip(code.graph.tensors, after, strict=False)
        ]
        results.append(Result(tensors, round(ticks / TICKS_PER_INSTRUCTION)))
    assert at == len(received)
    return results


def assert_as_reference(
    cases: Sequence[Case],
    pick: Pick,
) -> list[int]:
    """Assert that the picked kernels give the outputs of the reference; instructions per case."""
    assert cases
    expected = run_here(cases, flags=("-O2",))
    got = run(cases, pick)
    for (graph, _), right, result in zip(cases, expected, got, strict=True):
        for index in graph.outputs:
            if result.tensors[index].tobytes() != right[index].tobytes():
                where = np.argwhere(result.tensors[index] != right[index])
                shapes = [tensor.shape for tensor in graph.tensors]
                raise AssertionError(
                    f"{graph.ops[0]} of tensors {shapes} differs at {where[:5].tolist()}, "
                    f"in all at {len(where)}"
                )
    return [result.instructions for result in got]


def compile_kernels(stems: Sequence[str], folder: Path) -> list[Path]:
    """Object files of the kernels ``stems``, compiled as a generated project does."""
    objects = []
    flags = [*OPTIMIZE, *FLAGS, *(f"-I{family}" for family in kernel_folders())]
    for stem in stems:
        objects.append(folder / f"{stem}.o")
        _call([*GCC, *flags, "-c", kernel_files()[f"{stem}.c"], "-o", objects[-1]])
    return objects


def _compile(codes: list[Code], folder: Path) -> Path:
    kernels = sorted(set().union(*(code.kernels for code in codes)))
    calls, elf = folder / "calls.c", folder / "cases.elf"
    calls.write_text(
        "".join(f'#include "{kernel}.h"\n' for kernel in kernels)
        + "extern void (*const graphs[])(void *const *);\n"
        + "".join(code.source for code in codes)
        + "void (*const graphs[])(void *const *) = {"
        + ", ".join(f"g{code.number}" for code in codes)
        + "};\n"
    )
    objects = compile_kernels(kernels, folder)
    for source, level in ((calls, "-O0"), (FIRMWARE / "cases.c", "-O2")):
        objects.append(folder / f"{source.stem}.o")
        flags = [
            level,
            "-std=c11",
            "-ffreestanding",
            *(f"-I{f}" for f in kernel_folders()),
            f"-I{FIRMWARE}",
        ]
        _call([*GCC, *flags, "-c", source, "-o", objects[-1]])
    script = FIRMWARE / "cases.ld"
    _call([*GCC, "-nostdlib", "-Wl,--no-warn-rwx", "-T", script, *objects, "-lgcc", "-o", elf])
    return elf


def _call(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _simulate(elf: Path, folder: Path) -> None:
    command = ["qemu-system-arm", *machine_of(BOARD).args, "-display", "none"]
    command += ["-monitor", "none", "-serial", "none", "-icount", f"shift={ICOUNT_SHIFT}"]
    command += ["-semihosting-config", "enable=on,target=native", "-kernel", str(elf)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    code = done.returncode
    assert code == 0, f"QEMU ended with {code} ({QUIT.get(code, 'unknown')}): {done.stderr}"


def _message(code: Code, blocks: list[Array]) -> bytes:
    parts = [struct.pack("<II", code.number, len(blocks))]
    parts += [struct.pack("<II", block.nbytes, 0) + block.tobytes() for block in blocks]
    return b"".join(parts)
