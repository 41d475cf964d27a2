"""Ops that move bytes or look them up, on MVE: the reference's calls, of kernels with vectors."""

from __future__ import annotations

from dataclasses import replace

from fwgen.contract.call import Call, Function, each_call
from fwgen.contract.kernel import MVE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.ops.parts.block_copies import count_blocks
from fwgen.ops.parts.moves import walk_of

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
        return 15.0 + last * (0.125 if call.function == "fw_fill" else 1.3)
    if call.function in ("fw_gather", "fw_copy_grid"):
        blocks, size, numbers = count_blocks(call)
        return 50.0 + blocks * (20.0 + 10.0 * numbers + 0.25 * size)
    walk = walk_of(call)
    each = 0.25 if walk.dense else 6.0
    start = 200.0 if call.function == "fw_copy_at" else 50.0
    return start + 10.0 * walk.rows + 16.0 * walk.steps + each * walk.bytes
