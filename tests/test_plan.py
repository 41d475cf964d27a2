"""The planner against brute force and against a validator that shares no code with it."""

import itertools
import random

import pytest

from fwgen.plan.arena import ALIGNMENT, arena_bytes, lower_bound_bytes, offsets
from fwgen.plan.buffers import Buffer
from fwgen.plan.validate import faults


def random_buffers(
    rng: random.Random, count: int, steps: int = 12, most: int = 400
) -> list[Buffer]:
    buffers = []
    for _ in range(count):
        first = rng.randrange(steps)
        buffers.append(Buffer(rng.randint(1, most), first, rng.randint(first + 1, steps)))
    return buffers


def occupied(buffers: list[Buffer], placed: tuple[int, ...]) -> list[set[tuple[int, int]]]:
    """Every (moment, byte) that each buffer owns: the obvious model of an arena."""
    return [
        {(t, b) for t in range(x.first, x.last) for b in range(at, at + x.bytes)}
        for x, at in zip(buffers, placed, strict=True)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_plans_never_share_a_byte_at_a_moment(seed: int) -> None:
    buffers = random_buffers(random.Random(seed), 12)
    placed = offsets(buffers)
    owned = occupied(buffers, placed)
    for a, b in itertools.combinations(owned, 2):
        assert not a & b
    assert all(at % ALIGNMENT == 0 for at in placed)


def test_thousands_of_random_instances_are_valid_and_no_smaller_than_the_bound() -> None:
    rng = random.Random(7)
    for _ in range(5000):
        buffers = random_buffers(rng, rng.randint(1, 10))
        placed = offsets(buffers)
        size = arena_bytes(buffers, placed)
        assert faults(buffers, placed, size, ALIGNMENT) == []
        assert size >= lower_bound_bytes(buffers)


def best_height(buffers: list[Buffer]) -> int:
    """The least arena over all orders of placing each buffer as low as it goes (bottom-left)."""
    best = 1 << 60
    for order in itertools.permutations(range(len(buffers))):
        at: dict[int, int] = {}
        for i in order:
            x, offset = buffers[i], 0
            moved = True
            while moved:
                moved = False
                for j, base in at.items():
                    y = buffers[j]
                    meet = x.first < y.last and y.first < x.last
                    if meet and offset < base + y.bytes and base < offset + x.bytes:
                        offset, moved = base + y.bytes, True
            at[i] = offset
        best = min(best, max(at[i] + buffers[i].bytes for i in at))
    return best


def test_small_instances_stay_near_brute_force() -> None:
    """Greedy may lose, but seldom and little; 16-byte sizes so that alignment costs nothing."""
    rng = random.Random(3)
    ratios = []
    for _ in range(60):
        buffers = [Buffer(b.bytes // 16 * 16 + 16, b.first, b.last) for b in random_buffers(rng, 6)]
        best = best_height(buffers)
        ratios.append(arena_bytes(buffers, offsets(buffers)) / best)
        assert ratios[-1] >= 1.0
    assert max(ratios) <= 1.35
    assert sum(r == 1.0 for r in ratios) >= 45


def test_lower_bound_is_what_is_live_at_the_peak() -> None:
    buffers = [Buffer(16, 0, 2), Buffer(32, 1, 3), Buffer(64, 2, 4), Buffer(1, 3, 5)]
    assert lower_bound_bytes(buffers) == 32 + 64
    assert lower_bound_bytes([]) == 0


def test_validator_catches_every_moved_buffer() -> None:
    """In a plan with no slack at all, one offset 16 bytes higher is always a fault."""
    rng = random.Random(11)
    for _ in range(100):
        buffers = [Buffer(16 * rng.randint(1, 9), 0, 3) for _ in range(6)]
        placed = list(offsets(buffers))
        size = arena_bytes(buffers, placed)
        assert size == sum(b.bytes for b in buffers)
        for by in (4, 16):
            moved = list(placed)
            moved[rng.randrange(6)] += by
            assert faults(buffers, moved, size, ALIGNMENT)


def test_validator_names_each_kind_of_fault() -> None:
    buffers = [Buffer(16, 0, 2), Buffer(16, 1, 3)]
    assert faults(buffers, [0, 16], 32, 16) == []
    assert "share memory" in faults(buffers, [0, 0], 32, 16)[0]
    assert "outside" in faults(buffers, [0, 32], 32, 16)[0]
    assert "outside" in faults(buffers, [-16, 16], 32, 16)[0]
    assert "not aligned" in faults(buffers, [0, 20], 40, 16)[0]
    assert "offsets" in faults(buffers, [0], 40, 16)[0]
    assert faults([Buffer(16, 0, 1), Buffer(16, 1, 2)], [0, 0], 16, 16) == []
