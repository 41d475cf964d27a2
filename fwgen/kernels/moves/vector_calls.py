"""Ops that move bytes or look them up, on MVE: the reference's calls, of kernels with vectors."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from fwgen.contract.call import Call, Function, Params, each_call
from fwgen.contract.kernel import MVE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.ops.parts.block_copies import count_blocks

ALIKE = ("copy_at",)
"""C files that are for all cores, as they call a kernel which they are given."""


def _twin(name: str) -> str:
    """The kernel for MVE in the place of a file's or a function's."""
    return name if name.removeprefix("fw_") in ALIKE else f"{name}_mve"


def _on_vectors(call: Call) -> Call:
    passed = (replace(a, name=_twin(a.name)) if isinstance(a, Function) else a for a in call.args)
    return replace(call, function=_twin(call.function), args=tuple(passed))


def on_mve(kernel: Kernel) -> Kernel:
    """The kernel whose calls are those of ``kernel``, but of the kernels for MVE."""

    def forms(node: Node) -> tuple[Form, ...]:
        (form,) = kernel.forms(node)
        calls = tuple(each_call(form.calls))
        twins = tuple(map(_on_vectors, calls))
        return (replace(form, calls=twins, cycles=sum(map(_cycles, calls))),)

    return replace(
        kernel,
        name=f"{kernel.name}_mve",
        provider="fwgen",
        forms=forms,
        needs=MVE,
        functions=tuple(map(_twin, kernel.c_files)),
    )


def _cycles(call: Call) -> float:
    """Estimate for a call of a reference kernel's twin."""
    *_, last = call.args
    if isinstance(last, int):
        return 15.0 + last * (0.125 if call.function in ("fw_fill", "fw_copy") else 1.3)
    if call.function in ("fw_gather", "fw_copy_grid"):
        blocks, size, numbers = count_blocks(call)
        if call.function == "fw_copy_grid" and size <= 16:
            return 50.0 + 10.0 * blocks
        return 50.0 + blocks * (20.0 + 10.0 * numbers + 0.25 * size)
    return (400.0 if call.function == "fw_copy_at" else 250.0) + _walk_cycles(call)


FAR = 0xFFFF // 7
"""Strides beyond which 16 bits have no room for the offsets of 8 elements."""


def _walk_cycles(call: Call) -> float:
    """Estimate for the walk of ``strided_copy_mve.c``, which says how it moves what."""
    params = call.args[0]
    assert isinstance(params, Params)
    fields = dict(params.fields)
    columns = [fields[name] for name in ("size", "input_stride", "output_stride")]
    whole = [column for column in columns if isinstance(column, tuple)]
    levels: list[tuple[int, ...]] = [*zip(*whole, strict=True)]
    count, *steps = levels[-1]
    unit, dense = 1, steps == [1, 1]
    if dense and count in (2, 4) and all(s % count == 0 for _, *each in levels[:-1] for s in each):
        unit, dense = count, False
        levels.pop()
    *rest, outer, inner = levels
    lanes = 4 if unit == 4 else 8
    if not dense and inner[0] < lanes and outer[0] > inner[0]:
        outer, inner = inner, outer
    blocks = float(prod(size for size, *_ in rest))
    if dense:
        row = 9.0 if inner[0] <= 16 else 16.0 + 4.0 * -(-inner[0] // 16)
        return blocks * (40.0 + row * outer[0])
    if unit < 4 and max(map(abs, inner[1:])) > FAR:
        return blocks * (30.0 + outer[0] * (10.0 + 9.0 * unit * inner[0]))
    moved = sum(2.0 if abs(step) == unit else lanes for step in inner[1:])
    return blocks * (30.0 + outer[0] * (35.0 + -(-inner[0] // lanes) * (moved + 2.0)))
