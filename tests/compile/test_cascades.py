"""Cascades: the same outputs as op by op, in every form, and no memory beyond what they state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from fwgen.board import Board, load_board
from fwgen.compile.cascade.bands import Band
from fwgen.compile.cascade.cascade_operator import Move, schedule
from fwgen.compile.cascade.repeated_calls import looped
from fwgen.compile.cascade.search import BandForms, cascade, covers, fused
from fwgen.compile.plan import plan
from fwgen.compile.plan.occupancy import moments
from fwgen.compile.request import Request
from fwgen.compile.schedule.lifetimes import lifetimes
from fwgen.compile.select.candidates import Candidate
from fwgen.compile.select.choices import choices_of
from fwgen.compile.select.kernel_search import choose, fewest_cycles
from fwgen.contract.call import Call, Constant, Each, Ref, Repeat, Scratch, each_call
from fwgen.contract.kernel import Form, Kernel
from fwgen.errors import DoesNotFit
from fwgen.kernels import kernels_of
from fwgen.kernels.providers import providers_of
from fwgen.model.graph import Graph
from fwgen.pipeline import compile_graph, require_fit
from tests.compile.kernel_selection import select
from tests.tflite_models import ModelBuilder, Tensor
from tests.tflite_models.tflm import load

HOST, M55 = load_board("host"), load_board("corstone-300")


def window_sizes(
    rng: np.random.Generator, h: int, w: int
) -> tuple[tuple[int, int], tuple[int, int], str, list[int]]:
    """Kernel, stride, padding and output of a random window."""
    kernel = int(rng.integers(1, min(h, 4) + 1)), int(rng.integers(1, min(w, 4) + 1))
    stride = int(rng.choice([1, 1, 2, 3])), int(rng.choice([1, 1, 2]))
    padding = str(rng.choice(["SAME", "VALID"]))
    sizes = [
        -(-n // s) if padding == "SAME" else (n - k) // s + 1
        for n, k, s in zip((h, w), kernel, stride, strict=True)
    ]
    return kernel, stride, padding, sizes


def add_window(m: ModelBuilder, rng: np.random.Generator, x: Tensor, shape: list[int]) -> Tensor:
    """A random convolution or pool after tensor ``x``; changes ``shape`` (h, w, c)."""
    h, w, c = shape
    (kh, kw), (sh, sw), padding, sizes = window_sizes(rng, h, w)
    code = str(
        rng.choice(
            ["CONV_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D", "AVERAGE_POOL_2D"],
        )
    )
    options: dict[str, object] = {"padding": padding, "stride_h": sh, "stride_w": sw}
    options["fused_activation_function"] = str(rng.choice(["NONE", "RELU"]))
    if code.endswith("POOL_2D"):
        y = m.tensor((1, *sizes, c), scale=x.scale, zero_point=x.zero_point)
        m.op(code, [x], [y], filter_height=kh, filter_width=kw, **options)
    else:
        units = c if code == "DEPTHWISE_CONV_2D" else int(rng.integers(1, 21))
        k_shape = (1, kh, kw, c) if code == "DEPTHWISE_CONV_2D" else (units, kh, kw, c)
        axis = 3 if code == "DEPTHWISE_CONV_2D" else 0
        if code == "DEPTHWISE_CONV_2D":
            options["depth_multiplier"] = 1
        scales = [float(np.float32(s)) for s in rng.uniform(0.01, 0.02, units)]
        weights = rng.integers(-127, 128, k_shape, np.int8)
        k = m.tensor(k_shape, scale=scales, axis=axis, data=weights)
        y = m.tensor(
            (1, *sizes, units),
            scale=float(np.float32(0.05 * np.sqrt(np.prod(k_shape) / units))),
            zero_point=-128,
        )
        m.op(code, [x, k], [y], **options)
        shape[2] = units
    shape[:2] = sizes
    return y


def chain(rng: np.random.Generator) -> bytes:
    """Two to four windowed ops, perhaps an ADD of what two of them make, or of the input."""
    m = ModelBuilder()
    shape = [int(n) for n in rng.integers((6, 1, 1), (24, 14, 20))]
    x = m.tensor((1, *shape), scale=0.05, zero_point=-128)
    made = [(x, tuple(shape))]
    for _ in range(int(rng.integers(2, 5))):
        made.append((add_window(m, rng, made[-1][0], shape), tuple(shape)))
        same = [t for t, size in made[:-1] if size == made[-1][1]]
        if same and rng.random() < 0.6:
            y = m.tensor((1, *shape), scale=0.1, zero_point=-5)
            m.op("ADD", [made[-1][0], same[int(rng.integers(len(same)))]], [y])
            made.append((y, tuple(shape)))
    return m.build()


@dataclass(frozen=True)
class Way:
    """A form of a cascade; ``graph`` has nothing but it."""

    graph: Graph
    data: bytes
    form: Form

    @property
    def variant(self) -> Kernel:
        (variant,) = kernels_of("CASCADE")
        return replace(variant, forms=lambda *_: (self.form,))


def ways(rng: np.random.Generator, board: Board, count: int) -> Iterator[Way]:
    """Every form of the cascades of random graphs."""
    while count:
        data = chain(rng)
        graph = load(data)
        whole = fused(graph, range(len(graph.ops)), BandForms(graph, board))
        # what is used by nothing is no part of a cascade
        dead = {op.outputs[0] for op in graph.ops[:-1]} - {t for op in graph.ops for t in op.inputs}
        if whole is None or dead:
            continue
        count -= 1
        for form in whole.ops[0].options.forms:  # type: ignore[attr-defined]
            yield Way(replace(whole), data, form)  # a graph of its own


def test_constants_of_different_bands_have_different_names() -> None:
    """Divisors of an average pool differ at the borders; their arrays once had the same name."""
    differing = 0
    for way in ways(np.random.default_rng(7), M55, 40):
        contents: dict[str, set[bytes]] = {}
        for call in each_call(way.form.calls):
            for arg in call.args:
                if isinstance(arg, Constant):
                    contents.setdefault(arg.role, set()).add(arg.data.tobytes())
        assert all(len(found) == 1 for found in contents.values())
        differing += any(role.endswith("divisors_1") for role in contents)
    assert differing


def test_steps_find_the_rows_they_read() -> None:
    """Rings simulated row by row: what is there, in order, is what each band needs."""
    rng = np.random.default_rng(3)
    for _ in range(300):
        count = int(rng.integers(2, 6))
        sources: list[list[int | None]] = [[None]]
        for k in range(1, count):
            more = [int(rng.integers(0, k))] if k > 1 and rng.random() < 0.4 else []
            sources.append(sorted({k - 1, *more}))  # type: ignore[type-var]
        rows = int(rng.integers(4, 30))
        bands: list[list[Band]] = []
        for _ in range(count):
            height = int(rng.integers(1, 5))
            halo = int(rng.integers(0, 3))
            bands.append(
                [
                    Band(
                        a,
                        min(rows, a + height),
                        max(0, a - halo),
                        min(rows, a + height + halo),
                        0,
                        0,
                    )
                    for a in range(0, rows, height)
                ]
            )
        found = schedule(sources, bands)
        rings: list[list[int]] = [[] for _ in range(count)]
        for step in found.steps:
            if isinstance(step, Move):
                ring = rings[step.ring]
                rings[step.ring] = ring[step.start : step.start + step.rows]
                continue
            band = bands[step.op][step.band]
            for j, at in zip(sources[step.op], step.reads, strict=True):
                if j is not None:
                    length = band.end - band.start
                    assert rings[j][at : at + length] == list(range(band.start, band.end))
            if step.op < count - 1:
                rings[step.op][step.write :] = range(band.first, band.last)
                assert len(rings[step.op]) <= found.ring_rows[step.op]
        made = [s.band for s in found.steps if not isinstance(s, Move) and s.op == count - 1]
        assert made == list(range(len(bands[-1])))


def test_loops_make_the_calls_that_they_stand_for() -> None:
    rng = np.random.default_rng(4)
    constant = Constant("weights", np.zeros(3, np.int8))
    shortened = 0
    for _ in range(500):
        period, times = int(rng.integers(1, 5)), int(rng.integers(1, 12))
        firsts, steps = rng.integers(0, 99, (2, period)).tolist()
        body = [
            Call(f"f{int(rng.integers(0, 2))}", (Ref(1, first), Scratch(8), constant, 3))
            for first in firsts
        ]
        around = [Call("g", (Ref(1, int(n)),)) for n in rng.integers(0, 9, rng.integers(0, 4))]
        calls = list(around)
        for i in range(times):
            for call, step in zip(body, steps, strict=True):
                at = call.args[0].at + i * step  # type: ignore[union-attr]
                calls.append(replace(call, args=(Ref(1, at), *call.args[1:])))
        calls += around
        written = looped(calls)
        shortened += sum(len(c.calls) if isinstance(c, Repeat) else 1 for c in written) < len(calls)
        assert list(unrolled(written)) == calls
    assert shortened > 300


def unrolled(calls: Sequence[Call | Repeat]) -> Iterator[Call]:
    for one in calls:
        if isinstance(one, Call):
            yield one
            continue
        for i in range(one.times):
            for call in one.calls:
                yield replace(
                    call,
                    args=tuple(
                        replace(arg, at=arg.at.first + i * arg.at.step)
                        if isinstance(arg, Ref | Scratch) and isinstance(arg.at, Each)
                        else arg
                        for arg in call.args
                    ),
                )


def test_cascades_lower_the_arena_of_a_chain_of_large_images() -> None:
    m = ModelBuilder()
    rng = np.random.default_rng(5)
    x = m.tensor((1, 32, 32, 4), scale=0.05, zero_point=-128)
    for c, units in ((4, 16), (16, 16), (16, 4)):
        weights = rng.integers(-127, 128, (units, 3, 3, c), np.int8)
        k = m.tensor(weights.shape, scale=[0.01] * units, axis=0, data=weights)
        y = m.tensor((1, 32, 32, units), scale=0.5, zero_point=-128)
        m.op("CONV_2D", [x, k], [y], padding="SAME", stride_h=1, stride_w=1)
        x = y
    graph = load(m.build())
    before = plan(graph, select(graph, M55, "ram")).arena_bytes
    choices = choices_of(graph, Request(M55))
    most = 1.4 * fewest_cycles(choices.candidates)
    found = cascade(choices, Request(M55), most)
    after, chosen = found.graph, choose(found.candidates, "ram", found.candidates)
    assert [op.code for op in after.ops] == ["CASCADE"]
    assert plan(after, chosen).arena_bytes < 0.6 * before
    assert chosen.totals.cycles <= most
    assert len(lifetimes(after)) == 2
    assert cascade(choices, Request(M55), 1.0).graph is graph, "more cycles than allowed"


def wide_in_between(channels: int, seed: int = 6) -> bytes:
    """Two convolutions of an image, of so many channels in between."""
    m = ModelBuilder()
    rng = np.random.default_rng(seed)
    x = m.tensor((1, 40, 40, 4), scale=0.05, zero_point=-128)
    for c, units in ((4, channels), (channels, 4)):
        weights = rng.integers(-127, 128, (units, 3, 3, c), np.int8)
        k = m.tensor(weights.shape, scale=[0.01] * units, axis=0, data=weights)
        y = m.tensor((1, 40, 40, units), scale=0.5, zero_point=-128)
        m.op("CONV_2D", [x, k], [y], padding="SAME", stride_h=1, stride_w=1)
        x = y
    return m.build()


def test_a_board_that_is_too_small_gets_cascades_whatever_the_goal() -> None:
    graph = load(wide_in_between(24))
    lines: list[tuple[str, str]] = []
    roomy = compile_graph(graph, Request(M55, goal="speed"))
    assert [s.code for s in roomy.steps] == ["CONV_2D", "CONV_2D"]
    regions = tuple(replace(r, bytes=36_000) if r.name == "DTCM" else r for r in M55.regions)
    small = replace(M55, regions=regions, place={**M55.place, "arena": ("DTCM",)})
    program = compile_graph(graph, Request(small, goal="speed"), lambda *line: lines.append(line))
    assert [s.code for s in program.steps] == ["CASCADE"] and program.goal == "speed"
    assert any("1 cascade" in outcome for _, outcome in lines)
    require_fit(program, graph)
    with pytest.raises(DoesNotFit):
        require_fit(compile_graph(graph, Request(tiny(small))), graph)


def test_a_plan_that_is_larger_than_its_peak_gets_cascades_too() -> None:
    """The room is between the largest peak of the convolutions and what any layout needs."""
    graph = load(wide_in_between(12))
    m3, plain = load_board("mps2-an385"), providers_of("reference", cmsis_nn=False)
    roomy = compile_graph(graph, Request(m3, goal="speed", providers=plain))
    peak = max(m.bytes for m in moments(roomy.plan.buffers, roomy.plan.offsets, len(roomy.steps)))
    most = roomy.plan.arena_bytes
    assert peak < most - 16
    for room in (most, most - 16, peak + 16, peak - 16):
        taken = 1600 * 4 + m3.stack_bytes  # the copy of the input, and the stack
        regions = tuple(
            replace(r, bytes=room + taken) if r == m3.region("arena") else r for r in m3.regions
        )
        board = replace(m3, regions=regions, measured={"data": 0})
        program = compile_graph(graph, Request(board, "speed", providers=plain))
        assert [s.code for s in program.steps] == (
            ["CONV_2D", "CONV_2D"] if room == most else ["CASCADE"]
        ), (room, most, peak)


def tiny(board: Board) -> Board:
    return replace(board, regions=tuple(replace(r, bytes=4096) for r in board.regions))


def images(rng: np.random.Generator, length: int) -> Graph:
    """A chain of 3x3 convolutions of images, some of them much larger than others."""
    m = ModelBuilder()
    depth = 4
    x = m.tensor((1, 24, 16, depth), scale=0.05)
    for _ in range(length):
        units = int(rng.choice([4, 8, 24]))
        k = m.tensor(
            (units, 3, 3, depth),
            scale=0.01,
            data=rng.integers(-127, 128, (units, 3, 3, depth)).astype(np.int8),
        )
        y = m.tensor((1, 24, 16, units), scale=0.05)
        m.op("CONV_2D", [x, k], [y], padding="SAME", stride_h=1, stride_w=1)
        x, depth = y, units
    return load(m.build())


@pytest.mark.parametrize("seed", range(3))
def test_no_other_division_into_cascades_costs_fewer_cycles(seed: int) -> None:
    """Against every way to divide a chain of 5 ops, each made op by op."""
    graph, request = images(np.random.default_rng(seed), 5), Request(M55)
    own = choices_of(graph, request)
    peaks = sorted(min(c.peak_bytes for c in found) for found in own.candidates)
    limit = (peaks[0] + peaks[-1]) // 2

    def fastest(found: Sequence[Candidate]) -> float:
        return min((c.cycles for c in found if c.peak_bytes <= limit), default=np.inf)

    def cost(first: int, stop: int) -> float:
        if stop - first == 1:
            return fastest(own.candidates[first])
        after = fused(graph, range(first, stop), BandForms(graph, M55))
        return np.inf if after is None else fastest(choices_of(after, request).candidates[first])

    known = {(i, j): cost(i, j) for i in range(5) for j in range(i + 1, 6)}
    ends = [(*(i + 1 for i in range(4) if bits >> i & 1), 5) for bits in range(16)]
    best = min(sum(known[i, j] for i, j in zip((0, *cuts), cuts, strict=False)) for cuts in ends)
    made = list(covers(own, request, (limit,)))
    assert len(made) == (best < np.inf)
    for found in made:
        assert all(c.peak_bytes <= limit for each in found.candidates for c in each)
        assert fewest_cycles(found.candidates) == pytest.approx(best)
