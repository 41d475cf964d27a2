"""Programs: the calls of many runs as C with the types of the tensors, and as data.

A call differs from another by its function and its arguments' types: each such difference is one C
function, in which the compiler checks the types; where pointers point and what numbers are comes as
data. So one program executes thousands of cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from fwgen.model.graph import Graph
from tests.kernels.arena import Arena, room_of
from tests.kernels.kernel_rows import (
    FEED,
    Arg,
    Call,
    Constant,
    Function,
    Null,
    Params,
    Ref,
    Scratch,
    c_type,
)

Signature = tuple[str, ...]
"""A function and the C expressions of its arguments."""


@dataclass
class Program:
    """C functions for what runs call and for the parameters that they pass, by their text."""

    calls: dict[str, int] = field(default_factory=dict)
    fills: dict[str, int] = field(default_factory=dict)
    kernels: set[str] = field(default_factory=set)

    def script(self, arena: Arena) -> tuple[int, int, list[int]]:
        """How many parameters are filled in, how many calls are made, and the words of both."""
        words: list[int] = []
        filled: set[int] = set()
        calls = arena.run.calls
        for call in calls:
            for arg in call.args:
                if isinstance(arg, Params) and id(arg) not in filled:
                    filled.add(id(arg))
                    words += self._fill(arg, arena.params[id(arg)])
        for call in calls:
            words += self._call(call, arena)
        return len(filled), len(calls), words

    def _fill(self, params: Params, at: int) -> list[int]:
        members, numbers = [], []
        for name, value in params.fields:
            values = value if isinstance(value, tuple) else (value,)
            named = [f"(int32_t)n[{len(numbers) + k}]" for k in range(len(values))]
            text = f"{{{', '.join(named)}}}" if isinstance(value, tuple) else named[0]
            members.append(f".{name} = {text}")
            numbers += [int(v) for v in values]
        body = f"const {params.type} p = {{{', '.join(members)}}}; *({params.type} *)to = p;"
        check = f'_Static_assert(sizeof({params.type}) <= {room_of(params.fields)}, "room");'
        number = self.fills.setdefault(f"{check}\n  {body}", len(self.fills))
        return [number, at, len(numbers), *numbers]

    def _call(self, call: Call, arena: Arena) -> list[int]:
        name = call.function.removeprefix("fw_")
        if name != FEED:
            self.kernels.add(name)
        texts, numbers = [], []
        for arg in call.args:
            text, value = self._argument(arg, len(numbers), arena)
            texts.append(text)
            numbers += value
        body = f"{call.function}({', '.join(texts)});"
        if call.library_bytes is not None:
            wanted = f"{call.function}_bytes({texts[0]}) != (int32_t)a[{len(numbers)}]"
            body = f"if ({wanted}) __builtin_trap(); {body}"
            numbers.append(call.library_bytes)
        number = self.calls.setdefault(body, len(self.calls))
        return [number, len(numbers), *numbers]

    def _argument(self, arg: Arg, k: int, arena: Arena) -> tuple[str, list[int]]:
        """C for an argument, and the words that it takes from ``k`` on."""
        graph: Graph = arena.run.graph
        match arg:
            case Ref(index, int(at)):
                tensor = graph.tensors[index]
                constant = "const " if tensor.data is not None else ""
                start = arena.tensors.get(index, arena.constants.get(index, 0))
                where = start + at * tensor.dtype.bytes
                return f"({constant}{tensor.dtype.c} *)(m + a[{k}])", [where]
            case Constant(_, data):
                text = f"(const {c_type(data)} *)(m + a[{k}])"
                return text, [arena.constants[id(data)]]
            case Scratch(int(at), rows):
                kind = "uint8_t" if rows is None else rows.c
                return f"({kind} *)(m + a[{k}])", [arena.scratch + at]
            case Params(kind):
                return f"(const {kind} *)(m + a[{k}])", [arena.params[id(arg)]]
            case Function(name):
                self.kernels.add(name.removeprefix("fw_"))
                return name, []
            case Null():
                return "0", []
            case int():
                return f"(int32_t)a[{k}]", [arg]
        raise TypeError(f"no number stands for {arg}")

    @property
    def source(self) -> str:
        """C of all functions and of the tables of them."""
        headers = "".join(f'#include "{name}.h"\n' for name in sorted(self.kernels))
        return (
            f'#include "cases.h"\n{headers}'
            + _functions("call", "uint8_t *m, const uint32_t *a", "(void)m; (void)a; ", self.calls)
            + _functions("fill", "void *to, const uint32_t *n", "(void)n; ", self.fills)
        )


def _functions(name: str, arguments: str, unused: str, bodies: Iterable[str]) -> str:
    texts = list(bodies)
    made = [
        f"static void {name}_{k}({arguments}) {{\n  {unused}{body}\n}}\n"
        for k, body in enumerate(texts)
    ]
    table = ", ".join(f"{name}_{k}" for k in range(len(texts))) or "0"
    return "".join(made) + f"void (*const {name}s[])({arguments}) = {{{table}}};\n"


def message(program: Program, arena: Arena) -> bytes:
    """A case as the harness reads it: see ``harness/cases.h``."""
    fills, calls, words = program.script(arena)
    head = [arena.size, len(arena.ranges), len(words), fills, calls]
    numbers = np.array([*head, *(n for r in arena.ranges for n in r), *words], np.int64)
    return (numbers & 0xFFFFFFFF).astype("<u4").tobytes() + arena.image.tobytes()
