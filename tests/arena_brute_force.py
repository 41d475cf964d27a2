"""The smallest arena by trying every offset: slow, obvious, and nothing of the planner in it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


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


def permitted(case: Case, a: int, at: int, b: int, bt: int) -> bool:
    """Whether two buffers may be at these offsets."""
    (size_a, first_a, last_a, *_), (size_b, first_b, last_b, *_) = case.buffers[a], case.buffers[b]
    if last_a <= first_b or last_b <= first_a or at + size_a <= bt or bt + size_b <= at:
        return True
    for kind, i, o, distance in case.contracts:
        if {i, o} == {a, b}:
            xi, xo = (at, bt) if i == a else (bt, at)
            end_i, end_o = xi + case.buffers[i][0], xo + case.buffers[o][0]
            if (xi - xo if kind == "below" else end_o - end_i) >= distance:
                return True
    return False


def smallest(case: Case) -> int | None:
    """The least size of any valid arena, None if fixed offsets contradict each other."""
    fixed = [j for j, b in enumerate(case.buffers) if b[4] is not None]
    order = fixed + [j for j in range(len(case.buffers)) if j not in fixed]
    offsets: dict[int, int] = {}

    def place(size: int, order: list[int]) -> bool:
        if not order:
            return True
        j = order[0]
        bytes_j, _, _, alignment, fixed = case.buffers[j]
        for x in range(0, size - bytes_j + 1, alignment) if fixed is None else (fixed,):
            if x + bytes_j <= size and all(
                permitted(case, k, at, j, x) for k, at in offsets.items()
            ):
                offsets[j] = x
                if place(size, order[1:]):
                    return True
                del offsets[j]
        return False

    size = max(b[0] + (b[4] or 0) for b in case.buffers)
    if not place(size, fixed):
        return None
    while offsets.clear() or not place(size, order):
        size += 1
    return size
