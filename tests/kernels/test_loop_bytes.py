"""Inner loops of kernels for cores without vectors, which often wait for flash.

The code caches of such cores hold a KB or so (STM32L4: 32 lines of 32 bytes): a loop that is longer
waits for flash in each turn.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache

import pytest

from tests.kernels import machines
from tests.kernels.kernel_rows import every_row

MOST_BYTES = 1024
KERNELS = sorted(
    {
        (row.cpu, name)
        for row in every_row()
        if row.cpu and row.cpu != "cortex-m55" and not row.of_library
        for name in row.kernel.c_files
    }
)
_BRANCH = re.compile(r"^\s*([0-9a-f]+):\s+(?:b(?!l)\w*(?:\.[nw])?|cbn?z)\s.*?([0-9a-f]+) <")


@cache
def innermost(cpu: str, name: str) -> tuple[int, ...]:
    """The bytes of the loops of a kernel's object file that hold no other."""
    made = machines.object_of(name, machines.CORES[cpu][0])
    dump = ["arm-none-eabi-objdump", "-d", "--no-show-raw-insn", made]
    text = subprocess.run(dump, capture_output=True, text=True, check=True).stdout
    return tuple(end - start for start, end in _loops(text))


def _loops(text: str) -> Iterator[tuple[int, int]]:
    for section in text.split("Disassembly of section")[1:]:
        found = [_BRANCH.match(line) for line in section.splitlines()]
        jumps = [(int(m[2], 16), int(m[1], 16)) for m in found if m]
        loops = [(start, end) for start, end in jumps if start <= end]
        for start, end in loops:
            if not any((s, e) != (start, end) and start <= s and e <= end for s, e in loops):
                yield start, end


@pytest.mark.parametrize("cpu", sorted({cpu for cpu, _ in KERNELS}))
def test_inner_loops_stay_in_a_small_code_cache(cpu: str) -> None:
    names = [name for core, name in KERNELS if core == cpu]
    found = {name: max(innermost(cpu, name), default=0) for name in names}
    assert any(found.values()), "no loop was found"
    assert not {name: size for name, size in found.items() if size > MOST_BYTES}
