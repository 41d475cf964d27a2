"""The smallest arena by trying every offset, in C: nothing of the planner is in it."""

from __future__ import annotations

import ctypes
import itertools
import random
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fwgen.host.native import shared_library


@dataclass
class Case:
    """Buffers as (bytes, first, last, alignment, fixed offset); contracts as (kind, input, output,
    D), where "below" permits x_input - x_output >= D and "above" the same of the ends, upwards."""

    buffers: list[tuple[int, int, int, int, int | None]]
    contracts: list[tuple[str, int, int, int]] = field(default_factory=list)


def random_case(rng: random.Random, most: int = 5) -> Case:
    """Few buffers, few bytes, few moments; every feature in some of them."""
    aligned, fixed, contracts = (rng.random() < p for p in (0.4, 0.2, 0.7))
    buffers: list[tuple[int, int, int, int, int | None]] = []
    for _ in range(rng.randint(1, most)):
        first = rng.randrange(5)
        alignment = rng.choice((1, 2, 3, 4)) if aligned else 1
        offset = rng.randrange(3) * alignment if fixed and rng.random() < 0.3 else None
        buffers.append((rng.randint(1, 7), first, rng.randint(first + 1, 5), alignment, offset))
    case = Case(buffers)
    for i, (size_i, _, last, *_) in enumerate(buffers):
        for o, (size_o, first, *_) in enumerate(buffers):
            if contracts and i != o and last == first + 1 and rng.random() < 0.8:
                for kind in rng.sample(("below", "above"), rng.choice((1, 1, 2))):
                    most_d = size_o if kind == "below" else size_i
                    case.contracts.append((kind, i, o, rng.randint(-4, most_d)))
    return case


def smallest(case: Case) -> int | None:
    """The least size of any valid arena, None if fixed offsets contradict each other."""
    flat = [-1 if value is None else value for buffer in case.buffers for value in buffer]
    says = [(kind != "below", *rest) for kind, *rest in case.contracts]
    found = _library().smallest_arena(
        (ctypes.c_int32 * len(flat))(*flat),
        len(case.buffers),
        (ctypes.c_int32 * (4 * len(says)))(*itertools.chain.from_iterable(says)),
        len(says),
    )
    return None if found < 0 else int(found)


@cache
def _library() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(__file__).with_suffix(".c")
        return ctypes.CDLL(str(shared_library(source, Path(folder))))
