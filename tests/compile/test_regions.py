"""Arena and constants in several regions: on the device, in plans, by ``--place``, in reports."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fwgen.board import Board, load_board
from fwgen.board.placement import Pins, Room, arena_rooms, parse_places
from fwgen.compile.lower.fit import shortages
from fwgen.compile.lower.program import Program
from fwgen.compile.plan import plan
from fwgen.compile.plan.problem import Buffer, Problem
from fwgen.compile.plan.regions import Packed, Wanted, spread
from fwgen.compile.plan.solve_and_validate import solve_checked
from fwgen.compile.plan.traffic import accesses
from fwgen.compile.plan.validate import faults
from fwgen.compile.request import Request
from fwgen.errors import UsageError
from fwgen.pipeline import compile_graph
from fwgen.source import read
from tests.compile.kernel_selection import select
from tests.conftest import OWN_MODELS, Fwgen
from tests.tflite_models import ModelBuilder

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
M55 = load_board("corstone-300")
TWO = {"DTCM": 6000, "ITCM": 22_000}
THREE = {"DTCM": 5500, "ISRAM": 1600, "ITCM": 22_000, "SRAM": 2048}


def board_file(folder: Path, sizes: dict[str, int]) -> Path:
    """The Corstone-300 with memories of other sizes."""
    text = M55.source.decode()
    for name, size in sizes.items():
        text = re.sub(
            rf'(name = "{name}".*?bytes = )\w+', rf"\g<1>{size}", text, count=1, flags=re.S
        )
    path = folder / "small.toml"
    path.write_text(text)
    return path


def board(sizes: dict[str, int]) -> Board:
    """The same without a file."""
    regions = (replace(r, bytes=sizes.get(r.name, r.bytes)) for r in M55.regions)
    return replace(M55, regions=tuple(regions))


def compiled(on: Board, goal: str = "speed", pins: Pins | None = None) -> Program:
    return compile_graph(read(DIGITS).graph, Request(on, goal=goal, pins=pins or Pins()))


def used(program: Program) -> dict[str, int]:
    """Bytes of the arena by region."""
    return {arena.region: arena.bytes for arena in program.plan.arenas}


@pytest.mark.parametrize(
    ("sizes", "arenas", "weights"),
    [
        (TWO, ["DTCM", "ISRAM"], ["ITCM", "SRAM"]),
        (THREE, ["DTCM", "ISRAM", "DDR"], ["ITCM", "SRAM", "QSPI"]),
    ],
    ids=["two", "three"],
)
def test_on_the_device(
    fwgen: Fwgen, tmp_path: Path, sizes: dict[str, int], arenas: list[str], weights: list[str]
) -> None:
    """Built, linked where the plan says, and bit-exact."""
    on = board_file(tmp_path, sizes)
    args = ("-b", on, "--optimize", "speed", "-o", "p", "--json", "b.json")
    done = fwgen("build", DIGITS, *args)
    assert done.returncode == 0, done.stderr
    memory = json.loads((tmp_path / "b.json").read_text())["memory"]
    assert [a["region"] for a in memory["arenas"]] == arenas
    assert [w["region"] for w in memory["weights"]] == weights
    small = load_board(str(on))
    for region in small.regions:
        assert memory["by_region"].get(region.name, 0) <= region.bytes
    symbols = (tmp_path / "p" / "build" / "firmware.map").read_text()
    for what in arenas:
        origin = next(r.origin for r in small.regions if r.name == what)
        found = re.search(rf"^\.fw_arena_{what.lower()}\s+(0x\w+)", symbols, re.M)
        assert found and origin <= int(found[1], 16) < origin + (1 << 28)
        assert f"arena in {what}" in done.stdout and f"\n{what} " in f"\n{done.stdout}"
    verified = fwgen("verify", "p", "--inputs", 8)
    assert verified.returncode == 0, verified.stderr
    assert fwgen("report", "p", "-o", "r.html", "--svg", "r.svg").returncode == 0
    page, picture = (tmp_path / "r.html").read_text(), (tmp_path / "r.svg").read_text()
    for what in arenas:
        assert what in page and f">{what}</text>" in picture
    assert picture.count('class="limit"') == len(arenas)


@pytest.mark.parametrize("sizes", [TWO, THREE], ids=["two", "three"])
def test_every_part_is_validated_and_within_its_region(
    sizes: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()

    def watched(buffers: Any, offsets: Any, size: int, overlaps: Any) -> list[str]:
        seen.add((tuple((b.bytes, b.first, b.last) for b in buffers), tuple(offsets)))
        return faults(buffers, offsets, size, overlaps)

    monkeypatch.setattr("fwgen.compile.plan.solve_and_validate.faults", watched)
    program = compiled(board(sizes))
    made = program.plan
    rooms = {room.region: room for room in arena_rooms(program.board, 64, Pins())}
    assert not shortages(program)
    for arena in made.arenas:
        assert arena.bytes <= rooms[arena.region].bytes
        members = [j for j, at in enumerate(made.offsets) if made.arena_at(at) == arena]
        buffers = [made.buffers[j] for j in members]
        offsets = [made.offsets[j] - arena.base for j in members]
        assert (tuple((b.bytes, b.first, b.last) for b in buffers), tuple(offsets)) in seen
        for buffer, offset in zip(buffers, offsets, strict=True):
            assert offset >= 0 and offset + buffer.bytes <= arena.bytes
    assert made.wait_cycles > 0 and program.wait_cycles > 0


def test_nothing_changes_where_one_region_is_enough() -> None:
    """The plan is that of one region without an end, and so is every name."""
    program = compiled(M55)
    selection = select(program.graph, M55, "speed")
    alone = plan(program.graph, selection)
    assert program.plan.offsets == alone.offsets
    assert used(program) == {"DTCM": alone.arena_bytes}
    assert {array.region for array in program.arrays} == {"ITCM"}
    assert program.wait_cycles == 0
    assert "fw_arena_" not in str(program.activations + program.steps)


def packer(buffers: tuple[Buffer, ...]) -> Any:
    """Plans without contracts."""

    def pack(members: list[int], capacity: int | None) -> Packed:
        part = tuple(buffers[j] for j in members)
        solution = solve_checked(Problem(part), capacity, 20_000)
        assert not faults(part, solution.offsets, solution.bytes)
        bound = solution.lower_bound_bytes
        return Packed(tuple(members), solution.offsets, solution.bytes, bound, frozenset())

    return pack


def test_spread_fits_whatever_can_and_keeps_pins() -> None:
    rng = random.Random(1)
    for _ in range(150):
        buffers = tuple(
            Buffer(16 * rng.randint(1, 20), first, first + rng.randint(1, 6))
            for first in (rng.randint(0, 12) for _ in range(rng.randint(1, 24)))
        )
        words = [float(rng.randint(0, 5000)) for _ in buffers]
        rooms = [
            Room("A", 16 * rng.randint(0, 40), 0),
            Room("B", 16 * rng.randint(0, 60), 2),
            Room("C", 1 << 30, 8),
            Room("D", 1 << 30, 8, open=False),
        ]
        pinned = {j: rng.choice("BCD") for j in range(len(buffers)) if rng.random() < 0.1}
        parts = spread(Wanted(buffers, words, pinned), rooms, packer(buffers))
        where = {j: room.region for room, p in zip(rooms, parts, strict=True) for j in p.members}
        assert sorted(where) == list(range(len(buffers)))
        assert sum(len(p.members) for p in parts) == len(buffers)
        assert all(where[j] == region for j, region in pinned.items())
        assert parts[0].bytes <= rooms[0].bytes
        assert parts[1].bytes <= rooms[1].bytes or all(j in pinned for j in parts[1].members)
        assert all(j in pinned for j in parts[3].members)
        assert spread(Wanted(buffers, words, pinned), rooms, packer(buffers)) == parts


def test_the_hottest_stay_in_the_fast_region() -> None:
    buffers = tuple(Buffer(64, 0, 4) for _ in range(8))
    words = [float(j % 4) for j in range(8)]
    rooms = [Room("A", 256, 0), Room("B", 1 << 20, 4)]
    parts = spread(Wanted(buffers, words, {}), rooms, packer(buffers))
    assert set(parts[0].members) == {2, 3, 6, 7}


def test_accesses_are_never_more_than_cycles() -> None:
    graph = read(DIGITS).graph
    for goal in ("speed", "size"):
        selection = select(graph, M55, goal)
        for found, chosen in zip(accesses(graph, selection), selection.chosen, strict=True):
            total = sum(found.tensors.values()) + found.scratch + found.constants
            assert 0 <= total <= chosen.cycles * 1.0001


def test_the_cheaper_of_waiting_and_other_kernels_is_taken() -> None:
    """Slower and slower memory makes it better to do without."""
    regions = board(TWO).regions

    def at(waits: int) -> Program:
        slow = (replace(r, wait_states=waits) if r.name == "ISRAM" else r for r in regions)
        return compiled(replace(M55, regions=tuple(slow)))

    total = [p.expected_cycles + p.wait_cycles for p in map(at, (0, 4, 1000))]
    assert total == sorted(total)
    fast, slow = at(0), at(1000)
    assert fast.expected_cycles <= slow.expected_cycles


def test_all_regions_count_where_nothing_fits(fwgen: Fwgen, tmp_path: Path) -> None:
    on = board_file(tmp_path, {"DTCM": 5000, "ISRAM": 256, "DDR": 256, "ITCM": 256,
                               "SRAM": 256, "QSPI": 512})  # fmt: skip
    done = fwgen("build", DIGITS, "-b", on)
    assert done.returncode == 4 and "Traceback" not in done.stderr
    assert "bytes of DTCM and ISRAM and DDR, which have 5,512" in done.stderr
    assert "bytes of ITCM and SRAM and QSPI, which have 1,024" in done.stderr
    assert done.stderr.count("which have") == 2, "regions are told twice"
    assert not (tmp_path / "build").exists()


def test_places_on_the_device(fwgen: Fwgen, tmp_path: Path) -> None:
    graph = read(DIGITS).graph
    tensor, op = graph.outputs[0], 0
    places = ("arena=ISRAM,DDR", "weights=QSPI,ITCM", "data=ISRAM", "stack=ISRAM", "code=SRAM",
              f"t{tensor}=DTCM", f"op{op}=DDR")  # fmt: skip
    options = [word for place in places for word in ("--place", place)]
    done = fwgen("build", DIGITS, "-b", "corstone-300", "-o", "p", "--json", "b.json", *options)
    assert done.returncode == 0, done.stderr
    data = json.loads((tmp_path / "b.json").read_text())
    where = {b["region"] for b in data["buffers"] if tensor in [t["index"] for t in b["tensors"]]}
    assert where == {"DTCM"}
    assert {b["region"] for b in data["buffers"] if b["scratch_of"] == op} == {"DDR"}
    others = {b["region"] for b in data["buffers"] if b["kind"] == "activation"}
    assert others == {"ISRAM"}
    assert [w["region"] for w in data["memory"]["weights"]] == ["QSPI"]
    assert set(data["memory"]["by_region"]) == {"ITCM", "SRAM", "QSPI", "DTCM", "ISRAM", "DDR"}
    verified = fwgen("verify", "p", "--inputs", 4)
    assert verified.returncode == 0, verified.stderr
    done = fwgen("report", DIGITS, "-b", "corstone-300", *options, "-o", "r.html")
    assert done.returncode == 0 and "region  ISRAM" in done.stdout


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (["arena"], ["WHAT=REGION", "--place arena"]),
        (["arena="], ["WHAT=REGION"]),
        (["heap=DTCM"], ["arena, weights, data, stack, code", "got 'heap'"]),
        (["vectors=SRAM"], ["got 'vectors'"]),
        (["t=DTCM"], ["such as t12"]),
        (["arena=MOON"], ["kind ram (DTCM, ISRAM, DDR)", "got 'MOON'"]),
        (["arena=ITCM"], ["kind ram", "got 'ITCM', which is of kind rom"]),
        (["weights=DTCM"], ["kind rom (ITCM, SRAM, QSPI)", "which is of kind ram"]),
        (["t0=QSPI"], ["kind ram", "which is of kind rom"]),
        (["t0=DTCM,ISRAM"], ["one region, got 2"]),
        (["arena=DTCM,DTCM"], ["different regions, got DTCM,DTCM"]),
        (["arena=DTCM", "arena=DDR"], ["each of what is placed once, got arena twice"]),
        (["t99999=DTCM"], ["a tensor of the arena (t0, ", "got t99999"]),
        (["op77=DTCM"], ["an op with scratch memory of the arena (op0", "got op77"]),
        (["arena=" + "x" * 5000], ["got 'xxx"]),
    ],
    ids=lambda value: value[0][:20],
)
def test_wrong_places(fwgen: Fwgen, tmp_path: Path, places: list[str], words: list[str]) -> None:
    options = [word for place in places for word in ("--place", place)]
    for command in ("build", "report"):
        done = fwgen(command, DIGITS, "-b", "corstone-300", *options)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert len(done.stderr) < 1500 and "--place" in done.stderr
        for word in words:
            assert word in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


def test_places_that_are_too_small_or_have_no_regions(fwgen: Fwgen, tmp_path: Path) -> None:
    on = board_file(tmp_path, {"ISRAM": 1024, "DDR": 2048})
    done = fwgen("build", DIGITS, "-b", on, "--place", "stack=ISRAM")
    assert done.returncode == 2 and "stack of 4,096 bytes, got ISRAM with 1,024" in done.stderr
    done = fwgen("build", DIGITS, "-b", on, "--place", "arena=ISRAM")
    assert done.returncode == 4 and "bytes of ISRAM, which has 1,024" in done.stderr
    done = fwgen("build", DIGITS, "-b", "host", "--place", "arena=ISRAM")
    assert done.returncode == 2 and "host has none" in done.stderr
    done = fwgen("build", DIGITS, "-b", "host", "--no-compile", "-o", "p", "-q")
    done = fwgen("report", "p", "--place", "arena=ISRAM")
    assert done.returncode == 2 and "built with its own" in done.stderr


def test_the_copy_of_the_inputs_is_counted(fwgen: Fwgen, tmp_path: Path) -> None:
    """It goes where there is room, unless an option says where; what does not fit says so."""
    model = ModelBuilder()
    x, y = (model.tensor((1, 500, 500, 4), scale=0.1, zero_point=0) for _ in range(2))
    model.op("RELU", [x], [y])
    (tmp_path / "huge.tflite").write_bytes(model.build())
    args = ("huge.tflite", "-b", "corstone-300", "-o", "o", "--json", "b.json")
    done = fwgen("build", *args, "--place", "data=DTCM")
    assert done.returncode == 4 and "inputs need 1,004,096 bytes of DTCM" in done.stderr
    assert "--place data=DDR" in done.stderr
    for options, region in (((), "ISRAM"), (("--place", "data=DDR"), "DDR")):
        done = fwgen("build", *args, *options)
        assert done.returncode == 0, done.stderr
        memory = json.loads((tmp_path / "b.json").read_text())["memory"]
        assert [a["region"] for a in memory["arenas"]] == ["ISRAM"]
        assert memory["by_region"][region] >= 1_000_000
        assert [m["to"] for m in memory["moved"]] == ([] if options else ["ISRAM"])
        assert ("place data in ISRAM, as DTCM has no room" in done.stdout) == (not options)


def test_one_region_for_tensors_in_the_same_memory() -> None:
    program = compiled(M55)
    shared = next(b.tensors for b in program.plan.buffers if len(b.tensors) > 1)
    a, b = shared[:2]
    with pytest.raises(UsageError, match=f"one region for t{a} and t{b}"):
        compiled(M55, pins=parse_places(M55, [f"t{a}=DDR", f"t{b}=ISRAM"])[1])
    pinned = compiled(M55, pins=parse_places(M55, [f"t{b}=DDR"])[1])
    assert pinned.plan.arena_at(pinned.plan.offset_of[a]).region == "DDR"
