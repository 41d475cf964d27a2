"""Ops that move bytes or look them up, on MVE: the reference's calls, of kernels with vectors."""

from __future__ import annotations

from dataclasses import replace

from fwgen.contract.call import Call, each_call
from fwgen.contract.kernel import MVE, Form, Kernel
from fwgen.contract.node import Node
from fwgen.ops.parts.moves import walk_of


def on_mve(kernel: Kernel) -> Kernel:
    """The kernel whose calls are those of ``kernel``, which calls ``fw_fill``,
    ``fw_strided_copy`` and ``fw_lookup_s8``, but of the kernels for MVE."""

    def forms(node: Node) -> tuple[Form, ...]:
        (form,) = kernel.forms(node)
        calls = tuple(each_call(form.calls))
        twins = tuple(replace(call, function=f"{call.function}_mve") for call in calls)
        return (replace(form, calls=twins, cycles=sum(map(_cycles, calls))),)

    return replace(
        kernel,
        name=f"{kernel.name}_mve",
        provider="fwgen",
        forms=forms,
        needs=MVE,
        functions=tuple(f"{name}_mve" for name in kernel.c_files),
    )


def _cycles(call: Call) -> float:
    """Estimate for a call of a reference kernel's twin."""
    *_, last = call.args
    if isinstance(last, int):
        return 15.0 + last * (0.125 if call.function == "fw_fill" else 1.3)
    walk = walk_of(call)
    each = 0.25 if walk.dense else 6.0
    return 50.0 + 10.0 * walk.rows + 16.0 * walk.steps + each * walk.bytes
