"""Runs an op's C kernels on this machine, without the pipeline that builds a project.

Each graph becomes one C function of kernel calls. What a run needs (tensors, constants, scratch)
travels over a pipe into heap blocks of exactly its size, so that the address sanitizer sees every
access outside of them.
"""

from __future__ import annotations

import atexit
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import (
    Call,
    Calls,
    Constant,
    Each,
    Function,
    Null,
    Params,
    Ref,
    Repeat,
    Scratch,
    each_call,
)
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.kernels import kernels_of
from fwgen.kernels.c_files import kernel_files, kernel_folders
from fwgen.model.graph import Graph, Op
from fwgen.project.naming import short_hash

FLAGS = [
    "-std=c11",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wshadow",
    "-Wundef",
    "-Wstrict-prototypes",
    "-Wmissing-prototypes",
    "-Wvla",
    "-Wdouble-promotion",
]
SANITIZE = ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

Array = npt.NDArray[np.generic]
Case = tuple[Graph, Sequence[Array]]
"""A resolved graph and one array for each of its inputs, of the input's dtype and shape."""


MAIN = """
static void take(void *to, uint32_t bytes) {
  if (fread(to, 1, bytes, stdin) != bytes) exit(2);
}

int main(void) {
  uint32_t head[2]; /* graph, number of blocks */
  while (fread(head, sizeof head, 1, stdin) == 1) {
    uint32_t *size = calloc(head[1] + 1, sizeof *size);
    void **block = calloc(head[1] + 1, sizeof *block);
    for (uint32_t i = 0; i < head[1]; i++) {
      take(&size[i], sizeof size[i]);
      block[i] = malloc(size[i]); /* 16-byte aligned */
      take(block[i], size[i]);
    }
    graphs[head[0]](block);
    for (uint32_t i = 0; i < head[1]; i++) {
      fwrite(block[i], 1, size[i], stdout);
      free(block[i]);
    }
    free(size);
    free(block);
  }
  return 0;
}
"""


def reference(graph: Graph, op: Op) -> Kernel:
    """The one variant in plain C that every op has."""
    variants = kernels_of(op.code)
    (variant,) = (v for v in variants if v.provider == "reference" and v.takes(Node(graph, op)))
    return variant


class Code:
    """The C function of one graph, and the constants and scratch blocks that follow its tensors."""

    def __init__(
        self,
        graph: Graph,
        number: int,
        pick: Callable[[Graph, Op], Kernel],
    ) -> None:
        self.graph, self.number = graph, number
        self.extra: list[Array] = []
        self.shared: dict[int, str] = {}
        self.constants = [t.index for t in graph.tensors if t.data is not None]
        self.lines: list[str] = []
        self.kernels: set[str] = set()
        for op in graph.ops:
            variant = pick(graph, op)
            form = variant.forms(Node(graph, op))[0]
            size, calls = form.scratch_bytes, form.calls
            places = {t.index: f"b[{t.index}]" for t in graph.tensors}
            scratch = self._block(np.full(size, 0xA5, np.uint8))
            self._add_all(calls, places, scratch)

    def _block(self, data: Array) -> str:
        self.extra.append(data)
        return f"b[{len(self.graph.tensors) + len(self.extra) - 1}]"

    def _add_all(self, calls: Calls, places: Mapping[int, str], scratch: str) -> None:
        for one in calls:
            if isinstance(one, Repeat):
                self.lines.append(f"  for (int i = 0; i < {one.times}; i++) {{")
            for call in each_call((one,)):
                self._add(call, places, scratch)
            if isinstance(one, Repeat):
                self.lines.append("  }")

    def _add(self, call: Call, places: Mapping[int, str], scratch: str) -> None:
        self.kernels.add(call.function.removeprefix("fw_"))
        args, params = [], []
        for arg in call.args:
            match arg:
                case Ref(tensor, at):
                    place, kind = places[tensor], self.graph.tensors[tensor].dtype.c
                    # the kernels' types take any pointer
                    args.append(f"(void *)(({kind} *)({place}) + {_offset(at)})" if at else place)
                case Constant(_, data):
                    if id(data) not in self.shared:
                        self.shared[id(data)] = self._block(data)
                        self.constants.append(len(self.graph.tensors) + len(self.extra) - 1)
                    args.append(self.shared[id(data)])
                case Scratch(at, _):
                    args.append(f"(void *)((int8_t *){scratch} + {_offset(at)})" if at else scratch)
                case Params(type=name, fields=fields):
                    values = ", ".join(f".{k} = {_initializer(v)}" for k, v in fields)
                    params.append(f"static const {name} p{len(params)} = {{{values}}};")
                    args.append(f"&p{len(params) - 1}")
                case Null():
                    args.append("(void *)0")
                case Function(function):
                    self.kernels.add(function.removeprefix("fw_"))
                    args.append(function)
                case Each():
                    args.append(_offset(arg))
                case int():
                    args.append(str(arg))
        self.lines.append(f"  {{ {' '.join(params)} {call.function}({', '.join(args)}); }}")

    @property
    def source(self) -> str:
        body = "\n".join(self.lines)
        return f"static void g{self.number}(void *const *b) {{\n{body}\n}}\n"

    def blocks(self, inputs: Sequence[Array]) -> list[Array]:
        """What a run reads and writes: all tensors, activations as a pattern, and the extras."""
        graph = self.graph
        blocks = [
            np.full(t.bytes, 0xA5, np.uint8) if t.data is None else t.data for t in graph.tensors
        ]
        for index, array in zip(graph.inputs, inputs, strict=True):
            tensor = graph.tensors[index]
            assert (array.shape, array.dtype) == (tensor.shape, tensor.dtype.numpy)
            blocks[index] = array
        return blocks + self.extra


def _offset(at: int | Each) -> str:
    return f"{at.first} + {at.step} * i" if isinstance(at, Each) else str(at)


def _initializer(value: int | tuple[int, ...]) -> str:
    return f"{{{', '.join(map(str, value))}}}" if isinstance(value, tuple) else str(value)


def run(
    cases: Sequence[Case],
    pick: Callable[[Graph, Op], Kernel] = reference,
    flags: Sequence[str] = SANITIZE,
) -> list[list[Array]]:
    """Run each case; return for each the arrays of all its graph's tensors, by tensor index.

    All cases go into one program, compiled without warnings and by default with sanitizers, whose
    reports fail the caller with their text. Constants must come back unchanged.
    """
    codes: dict[int, Code] = {}
    for graph, _ in cases:
        if id(graph) not in codes:
            codes[id(graph)] = Code(graph, len(codes), pick)
    sent = [(code := codes[id(graph)], code.blocks(inputs)) for graph, inputs in cases]
    with TemporaryDirectory() as folder:
        program = _compile(list(codes.values()), Path(folder), flags)
        stdin = b"".join(_message(code.number, blocks) for code, blocks in sent)
        done = subprocess.run([program], input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    results, at = [], 0
    for code, blocks in sent:
        after = []
        for block in blocks:
            after.append(done.stdout[at : at + block.nbytes])
            at += block.nbytes
        for index in code.constants:
            assert after[index] == blocks[index].tobytes(), "a constant was overwritten"
        results.append(
            [
                np.frombuffer(data, tensor.dtype.numpy).reshape(tensor.shape)
                for tensor, data in zip(code.graph.tensors, after, strict=False)
            ]
        )
    assert at == len(done.stdout)
    return results


def _compile(codes: list[Code], folder: Path, flags: Sequence[str]) -> Path:
    kernels = sorted(set().union(*(code.kernels for code in codes)))
    source, program = folder / "run.c", folder / "run"
    source.write_text(
        "#include <stdio.h>\n#include <stdlib.h>\n"
        + "".join(f'#include "{kernel}.h"\n' for kernel in kernels)
        + "".join(code.source for code in codes)
        + "static void (*const graphs[])(void *const *) = {"
        + ", ".join(f"g{code.number}" for code in codes)
        + "};\n"
        + MAIN
    )
    # The calls themselves need no sanitizer, and compile faster without. A name without its folder,
    # which is another each time, lets ccache know a text that it has seen.
    _gcc(["-O0", "-c", source.name, "-o", "calls.o"], folder)
    objects = [_object(kernel, tuple(flags)) for kernel in kernels]
    _gcc([*flags, "calls.o", *objects, "-o", program], folder)
    return program


@cache
def _object(kernel: str, flags: tuple[str, ...]) -> Path:
    """The object file of a kernel, compiled once in a process."""
    made = _objects() / f"{kernel}-{short_hash(repr(flags))}.o"
    _gcc([*flags, "-c", kernel_files()[f"{kernel}.c"], "-o", made])
    return made


@cache
def _objects() -> Path:
    folder = tempfile.mkdtemp(prefix="fwgen-objects-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _gcc(arguments: Sequence[str | Path], folder: Path | None = None) -> None:
    command = ["gcc", *FLAGS, *(f"-I{path}" for path in kernel_folders()), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _message(number: int, blocks: list[Array]) -> bytes:
    head = struct.pack("<II", number, len(blocks))
    return head + b"".join(struct.pack("<I", b.nbytes) + b.tobytes() for b in blocks)
