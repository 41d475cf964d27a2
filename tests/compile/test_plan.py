"""The planner against brute force and against a validator that shares no code with it."""

from __future__ import annotations

import itertools
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.compile.passes import optimize
from fwgen.compile.plan import plan, plan_table, search_pairs, search_skyline
from fwgen.compile.plan.bound import shared_bytes
from fwgen.compile.plan.problem import Buffer, Overlap, Pair, Problem, output_above, output_below
from fwgen.compile.plan.solve import Solution, solve
from fwgen.compile.plan.solve_and_validate import solve_checked
from fwgen.compile.plan.table import read_table
from fwgen.compile.plan.validate import faults
from fwgen.source import read
from tests.compile.arena_brute_force import Case, random_case, smallest
from tests.compile.kernel_selection import select
from tests.conftest import MINIMALLOC, OWN_MODELS, REAL_MODELS


def random_buffers(
    rng: random.Random, count: int, steps: int = 12, most: int = 400
) -> tuple[Buffer, ...]:
    buffers = []
    for _ in range(count):
        first = rng.randrange(steps)
        buffers.append(Buffer(rng.randint(1, most), first, rng.randint(first + 1, steps)))
    return tuple(buffers)


def cut_rectangle(rng: random.Random, count: int, side: int = 1024) -> tuple[Buffer, ...]:
    """Buffers that fill ``side`` KiB of memory at all times, shuffled, less one in twenty."""
    pieces = [(0, side, 0, side)]
    while len(pieces) < count * 20 // 19:
        at = max(range(len(pieces)), key=lambda i: _area(pieces[i]) * rng.random())
        a, b, c, d = pieces.pop(at)
        if (rng.random() < 0.5 and b - a > 1) or d - c < 2:
            k = rng.randint(a + 1, b - 1)
            pieces += [(a, k, c, d), (k, b, c, d)]
        else:
            k = rng.randint(c + 1, d - 1)
            pieces += [(a, b, c, k), (a, b, k, d)]
    rng.shuffle(pieces)
    return tuple(Buffer(1024 * (d - c), a, b, alignment=1) for a, b, c, d in pieces[:count])


def _area(piece: tuple[int, int, int, int]) -> int:
    a, b, c, d = piece
    return (b - a) * (d - c)


def problem_of(case: Case) -> Problem:
    buffers = tuple(Buffer(n, f, t, alignment=a, offset=x) for n, f, t, a, x in case.buffers)
    return Problem(
        buffers,
        tuple(
            output_below(o, i, distance)
            if kind == "below"
            else output_above(i, buffers[i].bytes, o, buffers[o].bytes, distance)
            for kind, i, o, distance in case.contracts
        ),
    )


def check(problem: Problem, solution: Solution) -> None:
    assert faults(problem.buffers, solution.offsets, solution.bytes, problem.overlaps) == []
    assert solution.lower_bound_bytes <= solution.bytes


@pytest.mark.parametrize("seed", range(40))
def test_plans_never_share_a_byte_at_a_moment(seed: int) -> None:
    buffers = random_buffers(random.Random(seed), 12)
    offsets = solve(Problem(buffers)).offsets
    owned = [
        {(t, b) for t in range(x.first, x.last) for b in range(at, at + x.bytes)}
        for x, at in zip(buffers, offsets, strict=True)
    ]
    for a, b in itertools.combinations(owned, 2):
        assert not a & b
    assert all(at % 16 == 0 for at in offsets)


@pytest.mark.parametrize("seed", range(4))
def test_small_plans_are_the_smallest_there_are(seed: int) -> None:
    """With alignments, fixed offsets and overlaps in both directions, singly and together."""
    rng = random.Random(seed)
    tried = 0
    while tried < 5000:
        case = random_case(rng)
        best = smallest(case)
        if best is None:
            continue
        tried += 1
        problem = problem_of(case)
        solution = solve(problem)
        check(problem, solution)
        assert solution.optimal and solution.bytes == best, case


@pytest.mark.parametrize("kind", ["plain", "overlaps", "rectangle"])
def test_without_a_compiler_the_plans_are_the_same(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(5)
    if kind == "plain":
        problems = [Problem(random_buffers(rng, rng.randint(2, 16), 6)) for _ in range(300)]
    elif kind == "overlaps":
        problems = [problem_of(random_case(rng, 8)) for _ in range(300)]
    else:
        problems = [Problem(cut_rectangle(rng, rng.randint(20, 80), 256)) for _ in range(20)]
    compiled = [solve(p, budget=2000) for p in problems]
    assert sum(s.nodes > 0 for s in compiled) >= 10
    assert search_skyline.library(search_skyline.SOURCE) and search_pairs.library(
        search_pairs.SOURCE
    )
    monkeypatch.setattr(search_skyline, "library", lambda source: None)
    monkeypatch.setattr(search_pairs, "library", lambda source: None)
    assert [solve(p, budget=2000) for p in problems] == compiled


def test_a_compiler_that_fails_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    search_skyline.library.cache_clear()
    try:
        assert search_skyline.library(search_skyline.SOURCE) is None
    finally:
        search_skyline.library.cache_clear()


def test_rectangles_cut_to_pieces_are_put_together_again() -> None:
    """The kind of MiniMalloc's challenging instances; most, as some are out of reach."""
    rng = random.Random(2)
    solved = 0
    for count in (150, 200, 250, 300, 350, 400):
        problem = Problem(cut_rectangle(rng, count))
        solution = solve(problem, 1 << 20, 100_000)
        check(problem, solution)
        solved += solution.bytes <= 1 << 20
    assert solved >= 4


@pytest.mark.parametrize("path", MINIMALLOC, ids=lambda p: p.name[:1])
def test_minimalloc_instances_fit_their_capacity(path: Path) -> None:
    table = read_table(path)
    solution = plan_table(table, 1 << 20, 1_000_000)
    check(table.problem, solution)
    assert solution.bytes <= 1 << 20


@pytest.mark.parametrize("path", [*OWN_MODELS, *REAL_MODELS], ids=lambda p: p.stem)
def test_plans_of_models_are_proven_optimal_at_once(path: Path) -> None:
    graph = optimize(read(path).graph, strict=False)
    for board in ("corstone-300", "mps2-an385", "mps2-an386", "mps2-m0plus"):
        selection = select(graph, load_board(board))
        began = time.process_time()
        made = plan(graph, selection)
        assert time.process_time() - began < 1
        assert made.optimal and made.certificate == "proven optimal"


@pytest.mark.parametrize("life", [5, 200])
@pytest.mark.parametrize("overlaps", [False, True])
def test_two_thousand_tensors_in_seconds(life: int, overlaps: bool) -> None:
    rng = random.Random(1)
    buffers = []
    for _ in range(2000):
        first = rng.randrange(2000)
        last = first + 1 + int(rng.expovariate(1 / life))
        buffers.append(Buffer(16 * rng.randint(1, 4000), first, last))
    born: dict[int, int] = {}
    for j, b in enumerate(buffers):
        born.setdefault(b.first, j)
    permissions = tuple(
        output_below(born[b.last - 1], i, 64)
        for i, b in enumerate(buffers)
        if overlaps and born.get(b.last - 1, i) != i
    )
    problem = Problem(tuple(buffers), permissions)
    began = time.process_time()
    solution = solve_checked(problem)
    assert time.process_time() - began < 5
    assert solution.bytes <= 1.15 * solution.lower_bound_bytes


def test_ctrl_c_ends_a_search() -> None:
    """As a signal that comes after half a second of computing."""
    problem = Problem(cut_rectangle(random.Random(2), 400))
    before = signal.signal(signal.SIGVTALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.5)
    try:
        began = time.process_time()
        with pytest.raises(KeyboardInterrupt):
            solve(problem, 1 << 20, 1_000_000_000)
        assert time.process_time() - began < 1.5
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def test_lower_bound_is_what_is_live_at_the_peak() -> None:
    buffers = (Buffer(16, 0, 2), Buffer(32, 1, 3), Buffer(64, 2, 4), Buffer(1, 3, 5))
    solution = solve(Problem(buffers))
    assert (solution.lower_bound_bytes, solution.nodes, solution.optimal) == (32 + 64, 0, True)
    assert solve(Problem(())) == Solution((), 0, 0, 0)


def test_a_proof_by_search_raises_the_lower_bound() -> None:
    """9 bytes are live, but a byte is lost below the last of three at multiples of 4."""
    shapes = ((3, 4), (3, 4), (2, 4), (1, 1))
    problem = Problem(tuple(Buffer(n, 0, 1, alignment=a) for n, a in shapes))
    solution = solve(problem)
    assert (solution.bytes, solution.lower_bound_bytes, solution.optimal) == (10, 10, True)
    assert solution.nodes > 0
    assert not solve(problem, budget=0).optimal


def test_capacity_that_is_out_of_reach_is_proven_so() -> None:
    problem = Problem((Buffer(16, 0, 2), Buffer(32, 1, 3)))
    assert solve(problem, 47).lower_bound_bytes == 48
    assert solve(problem, 48).bytes == 48


def test_overlap_contracts_save_what_they_permit() -> None:
    """The depthwise layer of a person detector: D of 392 bytes instead of two whole buffers."""
    source, output = Buffer(18432, 0, 2), Buffer(18432, 1, 3)
    problem = Problem((source, output), (output_below(1, 0, 392),))
    assert solve(problem).bytes == 18432 + 400  # 392 in steps of 16
    upwards = Problem((source, output), (output_above(0, 18432, 1, 18432, 392),))
    solution = solve(upwards)
    assert (solution.bytes, solution.offsets) == (18432 + 400, (0, 400))
    pair = Pair(0, 1, 18432, 392)
    assert shared_bytes(pair, 18432, 18432) == 18432 - 392


def moved(rng: random.Random, offsets: Sequence[int]) -> list[int]:
    """One of the offsets 4 bytes off."""
    off = list(offsets)
    off[rng.randrange(len(off))] += rng.choice((-4, 4))
    return off


@pytest.mark.parametrize("path", [*OWN_MODELS, *REAL_MODELS], ids=lambda p: p.stem)
def test_validator_catches_every_moved_buffer_of_a_model(path: Path) -> None:
    graph = optimize(read(path).graph, strict=False)
    made = plan(graph, select(graph, load_board("corstone-300")))
    needed = made.buffers
    rng = random.Random(11)
    for _ in range(100):
        wrong = faults(needed, moved(rng, made.offsets), made.arena_bytes)
        assert any("not aligned" in fault for fault in wrong)


def test_validator_catches_every_moved_buffer() -> None:
    """In plans of random buffers that are aligned to 16, or that have no slack."""
    rng = random.Random(11)
    for _ in range(100):
        buffers = random_buffers(rng, 12)
        solution = solve(Problem(buffers))
        assert faults(buffers, moved(rng, solution.offsets), solution.bytes)
        tight = tuple(Buffer(16 * rng.randint(1, 9), 0, 3, alignment=4) for _ in range(6))
        solution = solve(Problem(tight))
        assert solution.bytes == sum(b.bytes for b in tight)
        assert faults(tight, moved(rng, solution.offsets), solution.bytes)


def test_validator_agrees_with_a_map_of_bytes() -> None:
    """Where a moved buffer may have been moved into a gap, which is no fault."""
    rng = random.Random(12)
    harmless = 0
    for _ in range(400):
        buffers = [replace(b, alignment=4) for b in random_buffers(rng, 8, most=40)]
        solution = solve(Problem(tuple(buffers)))
        offsets = moved(rng, solution.offsets)
        owners = Counter(
            (t, byte)
            for b, at in zip(buffers, offsets, strict=True)
            for t in range(b.first, b.last)
            for byte in range(at, at + b.bytes)
        )
        inside = all(0 <= byte < solution.bytes for _, byte in owners)
        valid = inside and max(owners.values()) == 1
        assert valid == (faults(buffers, offsets, solution.bytes) == [])
        harmless += valid
    assert 20 < harmless < 380


def test_validator_names_each_kind_of_fault() -> None:
    buffers = [Buffer(16, 0, 2), Buffer(16, 1, 3)]
    assert faults(buffers, [0, 16], 32) == []
    assert "share memory" in faults(buffers, [0, 0], 32)[0]
    assert "outside" in faults(buffers, [0, 32], 32)[0]
    assert "outside" in faults(buffers, [-16, 16], 32)[0]
    assert "not aligned" in faults(buffers, [0, 20], 40)[0]
    assert "offsets" in faults(buffers, [0], 40)[0]
    assert "fixed" in faults([Buffer(16, 0, 2, offset=32)], [0], 48)[0]
    assert faults([Buffer(16, 0, 1), Buffer(16, 1, 2)], [0, 0], 16) == []


def test_validator_knows_what_overlaps_permit() -> None:
    buffers = [Buffer(64, 0, 2), Buffer(64, 1, 3)]
    below = [Overlap(1, 0, 16)]
    assert faults(buffers, [16, 0], 80, below) == []
    assert "share memory" in faults(buffers, [0, 0], 64, below)[0]
    assert "share memory" in faults(buffers, [0, 16], 80, below)[0]
    assert faults(buffers, [0, 64], 128, below) == []
