"""The tool that schedules listings: what it makes computes what the listing says, takes the cycles
that llvm-mca gives it, and is what is in the tree."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fwgen.kernels.c_files import kernel_files
from fwgen.kernels.matrix import costs
from fwgen.measure.counters.core_models import find_core
from fwgen.measure.counters.llvm import Mca, find_llvm
from tests.tools.vector_machine import Machine, plain

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from schedule_kernels import command, emit, passes, pipeline, source  # noqa: E402
from schedule_kernels.operations import parse  # noqa: E402
from schedule_kernels.passes import Pass  # noqa: E402
from schedule_kernels.search import NoScheduleError, Schedule  # noqa: E402
from schedule_kernels.source import Source, Value  # noqa: E402

LISTINGS = sorted((ROOT / "fwgen" / "kernels").glob("*/listings/*.listing"))
EVERY_ROW = [(path, name) for path in LISTINGS for name in source.read(path).rows]
WITH_A_PASS = {
    path for path in LISTINGS if any(s.name == "pass" for s in source.read(path).sections)
}
ROWS = [(path, name) for path, name in EVERY_ROW if path in WITH_A_PASS]
IN_THEIR_ORDER = [(path, name) for path, name in EVERY_ROW if path not in WITH_A_PASS]
CORES = sorted(path.stem for path in pipeline.FOLDER.glob("*.json"))
SAMPLE = "matrix_1_relu"
"""The kernel that is scheduled again in each run, the one with the fewest instructions."""


def row_of(path: Path, name: str) -> tuple[Source, dict[str, Value]]:
    listing = source.read(path)
    return listing, listing.rows[name]


def scheduled(listing: Source, row: dict[str, Value], tries: int, seed: int = 1) -> Schedule:
    found = command.schedule_of(listing, {**row, "tries": tries, "seed": seed}, model())
    assert found is not None
    return found


@cache
def model(core: str = command.CORE) -> pipeline.Pipeline:
    return pipeline.load(core)


def machine(rng: np.random.Generator, work: Pass, pointers: bool) -> Machine:
    """Memory and registers of random content; on the stack, how often blocks loop is small."""
    names = [work.fixed[p] for p in work.pointers] if pointers else []
    made = Machine(rng, names)
    cores = [*(f"r{i}" for i in range(13)), "lr", *map(plain, work.fixed.values())]
    for i, name in enumerate(cores):
        made.core.setdefault(name, 0x1000 * i + 4 * int(rng.integers(0, 64)))
    made.core["sp"] = 0x8000
    for unit in work.units:
        for operation in unit.operations():
            if len(unit.items) > 1 and operation.mnemonic == "ldr" and operation.memory:
                at = 0x8000 + int(operation.memory.offset)
                made.memory[at : at + 4] = [int(rng.integers(0, 3)), 0, 0, 0]
    return made


def run_as_written(work: Pass, made: Machine, count: int) -> None:
    """Passes one after the other, each in the order of the text."""
    for _ in range(count):
        for early in (False, True):
            made.begin()
            for unit in work.units:
                if unit.early != early:
                    continue
                made.run(
                    [i.operation.renamed(work.fixed) if i.operation else i.text for i in unit.items]
                )
                if any(passes.moved(unit, p) == passes.OPAQUE for p in work.pointers):
                    made.begin()


def run_as_scheduled(schedule: Schedule, made: Machine, count: int, whole: bool) -> None:
    """The passes of the loop, the first one without what it would do for the one before, and what
    the last one has left to do: all of it or what stores need."""
    work = schedule.work
    for number in range(count):
        units = [u for u in schedule.order if number or not work.units[u].early]
        for lines in emit.instructions(schedule, units):
            made.run(lines)
    made.run(emit.left_over(schedule, whole))


def assert_equal(schedule: Schedule, seed: int) -> None:
    work, count = schedule.work, 4
    written = machine(np.random.default_rng(seed), work, True)
    run_as_written(work, written, count)
    assert written.stored, "the listing stores nothing"
    for whole in (True, False):
        made = machine(np.random.default_rng(seed), work, False)
        run_as_scheduled(schedule, made, count, whole)
        assert made.stored == written.stored
        if whole:
            assert np.array_equal(made.memory, written.memory)
            for register in map(plain, work.fixed.values()):
                assert made.core.get(register) == written.core.get(register), register


each_row = pytest.mark.parametrize(("path", "name"), ROWS, ids=[name for _, name in ROWS])


@cache
def feasible(path: Path, name: str, seed: int = 1) -> Schedule:
    """A schedule after few tries; after more where values lack registers."""
    listing, row = row_of(path, name)
    for tries in (2000, 20_000):
        with suppress(NoScheduleError):
            return scheduled(listing, row, tries, seed)
    return scheduled(listing, row, 100_000, seed)


@each_row
def test_a_schedule_computes_what_its_listing_says(path: Path, name: str) -> None:
    for state in range(2):
        assert_equal(feasible(path, name), seed=10 + state)


@each_row
def test_a_dependence_that_is_missing_is_seen(path: Path, name: str) -> None:
    """The machine tells orders apart: two neighbours that depend on each other change places."""
    schedule = feasible(path, name)
    place = {u: k for k, u in enumerate(schedule.order)}
    used = {
        (first, second)
        for value in schedule.work.values
        for first, _, written in value.touches
        for second, read, _ in value.touches
        if written and read
    }
    pairs = sorted(p for p in schedule.work.before & used if place[p[1]] - place[p[0]] == 1)
    for first, second in np.random.default_rng(5).permutation(pairs).tolist():
        order = list(schedule.order)
        order[place[first]], order[place[second]] = second, first
        with suppress(AssertionError):
            assert_equal(replace(schedule, order=tuple(order)), seed=7)
            continue
        return
    pytest.fail("any two neighbours may change places")


def assert_agrees(schedule: Schedule, core: str, least: float, most: float) -> None:
    """The cycles of llvm-mca are between ``least`` and ``most`` times those of the schedule."""
    mca = Mca(find_llvm(), find_core(core))
    if mca.llvm.version != model(core).llvm:
        pytest.skip(f"the pipeline's numbers are of LLVM {model(core).llvm}")
    text = tuple(asked(schedule))
    costs = mca.costs([text * 2, text * 8])
    cycles = (costs[text * 8].cycles - costs[text * 2].cycles) / 6
    assert not costs[text * 8].unmodelled
    assert least * schedule.cycles <= cycles <= most * schedule.cycles


@each_row
def test_the_pipeline_agrees_with_llvm_mca(path: Path, name: str) -> None:
    assert_agrees(feasible(path, name), command.CORE, 0.99, 1.01)


@pytest.mark.parametrize("name", ["matrix_1", "matrix_2", "matrix_5"])
def test_another_core_has_its_own_order(name: str) -> None:
    ((path, _),) = [row for row in ROWS if row[1] == name]
    listing, row = row_of(path, name)
    schedule = command.schedule_of(listing, {**row, "tries": 20_000}, model("cortex-m85"))
    assert schedule is not None
    assert_equal(schedule, seed=6)
    assert_agrees(schedule, "cortex-m85", 0.99, 1.03)


def asked(schedule: Schedule) -> list[str]:
    """The instructions of a pass on its usual way, as llvm-mca takes them."""
    work = schedule.work
    names = [n for k in "ec" for n in work.pools.get(k, ()) if "%" in n]
    operands = dict(zip(names, ("r0", "r2", "r4", "r6", "r8", "r9", "r10", "r12"), strict=False))
    names = [r for r in work.fixed.values() if "%" in r]
    operands |= dict(zip(names, ("r1", "r3", "r5", "r7"), strict=False))
    found = []
    for u, lines in zip(schedule.order, emit.instructions(schedule, schedule.order), strict=True):
        for item, line in zip(work.units[u].items, lines, strict=True):
            if item.operation is not None and item.counted:
                line = re.sub(r"(\d+)\*%c\[by\]", lambda m: str(4 * int(m[1])), line)
                line = re.sub(r"%\[\w+\]", lambda m: operands[m[0]], line)
                found.append(re.sub(r"^(b\w\w) \w+$", r"\1 #8", line))
    return found


@pytest.mark.parametrize("core", CORES)
def test_the_pipeline_is_what_llvm_mca_says(core: str) -> None:
    found = find_llvm()
    if found.version != model(core).llvm:
        pytest.skip(f"the pipeline's numbers are of LLVM {model(core).llvm}, not {found.version}")
    assert pipeline.measure(core) == model(core)


def test_the_command_stands_alone() -> None:
    done = subprocess.run([ROOT / "tools" / "schedule", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--core" in done.stdout


def test_a_core_without_a_pipeline_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--core", "cortex-m0"]) == 2
    assert "no pipeline of 'cortex-m0', only of cortex-m55" in capsys.readouterr().err


def assert_current(path: Path, name: str, core: str) -> None:
    listing, row = row_of(path, name)
    files = command.files_of(listing, row, command.schedule_of(listing, row, model(core)))
    for file, text in files.items():
        there = command.folder_of(path, core) / file
        assert there.read_text() == text, f"{there}: run tools/schedule {path}"


each_core = pytest.mark.parametrize("core", command.CORES)


@each_core
def test_a_kernel_is_what_its_listing_makes(core: str) -> None:
    ((path, name),) = [(path, name) for path, name in ROWS if name == SAMPLE]
    assert_current(path, name, core)


def test_kernels_in_the_order_of_their_listings_are_what_these_make() -> None:
    for path, name in IN_THEIR_ORDER:
        assert command.cores_of(source.read(path)) == (command.CORE,)
        assert_current(path, name, command.CORE)


@pytest.mark.nightly
@each_core
@each_row
def test_all_kernels_are_what_their_listings_make(path: Path, name: str, core: str) -> None:
    assert_current(path, name, core)


@pytest.mark.parametrize("core", command.CORES[1:])
def test_another_core_has_all_kernels_that_are_scheduled(core: str) -> None:
    """A listing that was not scheduled for it again would leave it the first core's order."""
    scheduled_files = {
        base / file
        for path, name in ROWS
        for base in [command.folder_of(path, core)]
        for file in command.files_of(*row_of(path, name), feasible(path, name))
    }
    own = {path for path in kernel_files(core).values() if path.parent.name == core}
    assert own == scheduled_files
    assert kernel_files(core).keys() == kernel_files().keys()


def cycles_of(folder: Path, name: str) -> int:
    """Of a generated kernel, by its comment."""
    text = " ".join((folder / f"{name}_s8_mve.c").read_text().replace("\n *", "").split())
    found = re.search(r"take (\d+) cycles", text)
    assert found is not None, name
    return int(found[1])


def test_costs_are_those_of_the_generated_kernels() -> None:
    folder = Path(costs.__file__).parent
    for vectors, cycles in costs.PAIRS.items():
        names = [f"matrix_{vectors}", f"matrix_{vectors}_relu"][: len(cycles)]
        assert tuple(cycles_of(folder, name) for name in names) == cycles
    assert {4: cycles_of(folder, "matrix_5"), 8: cycles_of(folder, "matrix_10")} == costs.LOOPED
    page = (folder / "README.md").read_text()
    for path, name in ROWS:
        if path.name == "matrix_pairs.listing":
            (row,) = re.findall(rf"^\| .*`{name}`.*$", page, re.MULTILINE)
            assert re.search(rf"\b{cycles_of(folder, name)}\b", row), f"README.md: {name}"


SUM = """# The sum of two vectors, twice.
@table name times tries
twice 2 500
once 1 500
@output ${name}.h
@c
/* ${NAME}: ${cycles} cycles */
@asm
if times > 1:
  mov r2, #${times}
1:
place pass
le lr, 1b
place rest
@pass
pool vector q0 q1 q2 q3
fix from r0
fix to r1
stores apart
for i in 0 .. times - 1:
  if i == 0:
    let at = 32
  else:
    let at = 64
  vldrw.32 x, [from, #${at}]
  vldrw.32 y, [from, #${at + 16}]
  vadd.i32 sum${i}, x, y
next pass
for i in 0 .. times - 1:
  vstrw.32 sum${i}, [to]
  add to, to, #16
"""


def small(folder: Path, text: str = SUM) -> Source:
    path = folder / "small.listing"
    path.write_text(text)
    return source.read(path)


def made(listing: Source, name: str = "twice") -> Schedule:
    return command.schedule_of(listing, listing.rows[name], model())


def test_a_file_has_its_sections_in_their_order(tmp_path: Path) -> None:
    listing = small(tmp_path)
    schedule = made(listing, "once")
    files = command.files_of(listing, listing.rows["once"], schedule)
    (text,) = files.values()
    assert list(files) == ["once.h"]
    assert text.startswith("/* Generated by tools/schedule from listings/small.listing")
    assert f"/* ONCE: {schedule.cycles:.0f} cycles */" in text
    assert "mov r2" not in text, "of the other row"
    lines = [line.strip().strip('"') for line in text.splitlines() if '"' in line]
    assert [line.split()[0] for line in lines if "r1" in line] == ["vstrw.32", "add", "vstrw.32"]
    assert lines[-2].startswith("le lr, 1b"), "what is left over comes last, less what is of no use"


def test_equal_lines_are_told_apart(tmp_path: Path) -> None:
    """Two equal additions to a pointer once counted as one: both came before the second store."""
    schedule = made(small(tmp_path))
    names = [
        line.split()[0] for lines in emit.instructions(schedule, schedule.order) for line in lines
    ]
    assert [n for n in names if n in ("vstrw.32", "add")] == ["vstrw.32", "add"] * 2
    assert_equal(schedule, seed=3)


def test_what_let_says_in_a_condition_holds_after_it(tmp_path: Path) -> None:
    """It once held in the block alone, and tile A of a matrix kernel took the parameters of B."""
    listing = small(tmp_path)
    (section,) = (s for s in listing.sections if s.name == "pass")
    loads = [line.text for line in source.expand(listing, section, listing.rows["twice"])]
    assert [t.split("#")[1] for t in loads if t.startswith("vldrw")] == ["32]", "48]", "64]", "80]"]


def test_the_same_listing_gives_the_same_schedule(tmp_path: Path) -> None:
    listing = small(tmp_path)
    first, second = made(listing), made(listing)
    assert (first.order, first.registers) == (second.order, second.registers)


def test_accesses_are_moved_past_what_moves_their_pointer(tmp_path: Path) -> None:
    text = SUM.replace("stores apart", "stores apart\npointer from").replace(
        "next pass", "add from, from, #400\nnext pass"
    )
    schedule = made(small(tmp_path, text))
    assert not any("from" in u.names() for u, _ in work_pairs(schedule)), "loads are free to move"
    late = replace(schedule, order=adding_first(schedule))
    lines = [line for lines in emit.instructions(late, late.order) for line in lines]
    assert [line for line in lines if line.endswith("#-368]")], lines
    assert_equal(late, seed=4)


def work_pairs(schedule: Schedule) -> list[tuple[passes.Unit, passes.Unit]]:
    units = schedule.work.units
    return [(units[a], units[b]) for a, b in schedule.work.before if passes.moved(units[b], "from")]


def adding_first(schedule: Schedule) -> tuple[int, ...]:
    (moving,) = (u for u, x in enumerate(schedule.work.units) if passes.moved(x, "from"))
    return (moving, *(u for u in schedule.order if u != moving))


WRONG = {
    "vfoo.32 x, [from]": "no such operation vfoo.32",
    "vadd.i32 x, [from]": "no such operands of vadd.i32",
    "vqmovnb.s32 x, nothing": "reads nothing too early",
    "vldrw.32 x, [from, #${unknown}]": "no expression of known names",
    "vsli.32 sum0, sum0, #3": "only whole bytes",
    "let x = [1]": "only arithmetic",
    "vmov q1, sum0": "q1 is in a pool and used by itself as well",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_is_told_with_its_place(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.listing"
    path.write_text(SUM.replace("next pass\n", f"{line}\nnext pass\n"))
    assert command.main([str(path), "--output", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert "small.listing" in message and WRONG[line] in message
    assert not list(tmp_path.glob("*.h"))


def test_a_pass_of_more_values_than_registers_is_told(tmp_path: Path) -> None:
    listing = small(tmp_path, SUM.replace("pool vector q0 q1 q2 q3", "pool vector q0"))
    with pytest.raises(NoScheduleError, match="no order found with registers for all values"):
        made(listing)


def test_check_compares_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "small.listing"
    path.write_text(SUM)
    arguments = [str(path), "--output", str(tmp_path)]
    assert command.main(arguments) == 0
    assert command.main([*arguments, "--check"]) == 0
    (tmp_path / "once.h").write_text("")
    assert command.main([*arguments, "--check"]) == 1
    assert "once.h is not what small.listing makes" in capsys.readouterr().err
    assert (tmp_path / "once.h").read_text() == ""


@pytest.mark.parametrize(
    ("line", "accesses"),
    [
        ("vqmovnb.s32 a, b", {"a": 0x3333, "b": 0}),
        ("vqmovnt.s16 a, b", {"a": 0xAAAA, "b": 0}),
        ("vsli.32 a, b, #16", {"a": 0xCCCC, "b": 0}),
        ("vsri.32 a, b, #16", {"a": 0x3333, "b": 0}),
        ("vldrw.32 a, [r1, #16]!", {"a": 0xFFFF, "r1": 0xFFFF}),
    ],
)
def test_which_bytes_an_operation_writes(line: str, accesses: dict[str, int]) -> None:
    kinds = {"a": "v", "b": "v"}
    assert {a.name: a.mask for a in parse(line, kinds).accesses} == accesses
