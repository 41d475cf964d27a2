"""Every row of the registry, executed: outputs, memory, overlap and cost are as it says.

Nothing here names a row but for exceptions, each with its reason. A new row is tested because it is
there; it fails until an operator's generator or ``shapes/<operator>.py`` gives ops for it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from tests.kernels import execution, machines
from tests.kernels.cmsis_library import LIBC, REAL, real
from tests.kernels.execution import Claim, Step, apart, claims_of, expected, more_inputs, run_all
from tests.kernels.kernel_rows import (
    Function,
    Row,
    every_row,
    folded,
    in_order_for,
    kernel_files,
    rows,
    unknown_members,
)
from tests.kernels.machines import (
    CORES,
    FAST,
    HERE,
    HERE_CLANG,
    M55,
    M55_CLANG,
    ORDERED,
    Machine,
    Outcome,
)
from tests.kernels.row_cases import RowCase, cases_of

CASES, LEAST_CASES = 280, 60
SHARES = (0, *(pytest.param(share, marks=pytest.mark.nightly) for share in (1, 2, 3, 4)))
"""Parts of a row's cases, each drawn with a seed of its own."""
CASES_OF_OTHERS = 80
"""With the second compiler, and of plain C on the Cortex-M55."""

ROWS = rows()
ROWS_OF = Counter(row.kernel.c_files for row in ROWS)
"""How many rows have the same C, of several operators."""
TYPES_OF = Counter(row.operator for row in ROWS if row.is_reference)
"""How many rows in plain C an operator has, for several element types."""

_BLOCK = "the last block of a pixel may reach beyond it, which the claim counts in any case"
_OUTSIDE = "a window that misses the input counts as if it read where it would begin"
_UNDER = "a row counts as read, though no window may lie over its first inputs"
_ONE = "the only output of a group counts as read again after nothing was written"
_TYPES = "s8", "s16", "s16_s32"
LOOSE: dict[str, tuple[float, str]] = {
    "matrix_s8_mve": (0.05, _BLOCK),
    "conv_2d_s8_mve": (0.3, _BLOCK),
    "conv_2d_across_s8_mve": (0.3, _BLOCK),
    "matrix_unpacked_s8_mve": (0.05, _BLOCK),
    "conv_2d_unpacked_s8_mve": (0.3, _BLOCK),
    "matrix_s16_mve": (0.9, "a pair's first inputs may be read before the last pair is stored"),
    **{f"conv_2d_{types}": (0.6, f"{_ONE}; {_OUTSIDE}") for types in (*_TYPES, "f32")},
    **{f"fully_connected_{types}": (0.7, _ONE) for types in (*_TYPES, "f32", "offset_s8")},
    **{f"depthwise_conv_2d_{types}": (0.85, _OUTSIDE) for types in ("s8", "s16", "f32")},
    "conv_2d_rows_s8_dsp": (0.85, _UNDER),
    "conv_2d_rows_s8_v7m": (0.85, _UNDER),
    "conv_2d_rows_s8_dsp_dual": (0.85, _UNDER),
    "conv_2d_s8_v7m": (0.6, _OUTSIDE),
    "conv_2d_s8_v6m": (0.9, _OUTSIDE),
    "conv_2d_s8_v6m_pairs": (0.9, _OUTSIDE),
    "conv_2d_s8_dsp": (0.6, _OUTSIDE),
    "conv_2d_s8_dsp_dual": (0.6, _OUTSIDE),
    "depthwise_pairs_s8_mve": (0.9, _OUTSIDE),
    "depthwise_any_s8_mve": (0.9, _OUTSIDE),
}
"""Share of a row's claims that are exact at least, and why not all are. All others' are."""

OF_ASSEMBLY, OF_PLAIN_C = (0.5, 1.8), (0.56, 3.5)
"""Of estimated cycles to executed instructions: bounds of the median of a row's largest cases.

Those of plain C are 0.4 and 2.5 times what its formulas are multiplied by for this core, 1.4.
"""

RATIOS: dict[str, tuple[float, float, str]] = {
    "lookup_s8_mve": (3.0, 6.0, "a gather is one instruction of 16 cycles"),
    "strided_copy_mve": (0.5, 3.0, "a gather is one instruction of 8 cycles"),
    "softmax_computed_s8": (0.4, 2.5, "plain C whose formula is not one for all cores"),
}


@pytest.fixture(scope="module", autouse=True)
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for this session's object files and for what its tests have found."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-gw") else base) / "kernel-rows"
    folder.mkdir(exist_ok=True)
    machines.use_folder(folder)
    yield folder


def count_of(row: Row) -> int:
    """How many cases: rows that have the same C share them, and those of one operator's types."""
    alike = ROWS_OF[row.kernel.c_files] * (TYPES_OF[row.operator] if row.is_reference else 1)
    return max(LEAST_CASES, CASES // alike)


def machines_of(row: Row) -> tuple[Machine, Machine]:
    """The machine for all cases, and the one for some."""
    if row.of_library:
        core = (f"-DCORE={row.core.name}",)
        return (
            replace(HERE, name="stand-in, gcc", flags=(*HERE.flags, *core)),
            replace(HERE_CLANG, name="stand-in, clang", flags=(*HERE_CLANG.flags, *core)),
        )
    return CORES[row.cpu] if row.cpu else (HERE, HERE_CLANG)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(row: Row, share: int, shared: Path) -> None:
    cases = cases_of(row, count_of(row), share)
    assert len(cases) >= 10, f"no generator makes ops that {row.id} holds for"
    if share == 0:
        (shared / f"{row.id}.json").write_text(json.dumps(reached(cases)))
    outputs = dict(zip(map(id, cases), expected(cases), strict=True))
    if row.is_reference:
        assert_folds(cases, outputs)
    rng = np.random.default_rng(share)
    for machine, count in zip(machines_of(row), (len(cases), CASES_OF_OTHERS), strict=True):
        for part, where in parts(cases[:count], machine):
            steps = apart(part, rng, most=2)
            outcomes = assert_exact(steps, where, outputs)
            assert_claims(row, steps, outcomes, where, outputs)
    for machine in ORDERED.values():
        if not in_order_for(machine.cpu).isdisjoint(row.kernel.c_files):
            assert_exact(apart(cases[:CASES_OF_OTHERS], rng, most=2), machine, outputs)
    if not row.of_library:
        assert_costs(row, cases, outputs)


def parts(cases: Sequence[RowCase], machine: Machine) -> Iterator[tuple[list[RowCase], Machine]]:
    """The cases by where they can be executed: calls may want more than their row says."""
    here = [case for case in cases if machine.simulated or not case.drawn.needs]
    there = [case for case in cases if not machine.simulated and case.drawn.needs]
    vectors = M55 if machine is HERE else M55_CLANG
    yield from ((part, where) for part, where in ((here, machine), (there, vectors)) if part)


def assert_folds(cases: Sequence[RowCase], outputs: dict[int, bytes]) -> None:
    """Assert that the reference computes what NumPy does, of operators that say how."""
    for case in cases:
        value = folded(case.graph, case.inputs)
        assert value is None or value == outputs[id(case)], describe(case)


def assert_exact(
    steps: Sequence[Step], machine: Machine, outputs: dict[int, bytes]
) -> list[Outcome]:
    """Assert that outputs are the reference's, and that nothing else is touched."""
    outcomes = run_all(steps, machine)
    assert_outcomes(steps, outcomes, machine, outputs)
    return outcomes


def assert_outcomes(
    steps: Sequence[Step],
    outcomes: Sequence[Outcome],
    machine: Machine,
    outputs: dict[int, bytes],
) -> None:
    """Assert the same of steps that were run."""
    for step, outcome in zip(steps, outcomes, strict=True):
        what = f"{machine.name}: {step.way.kind} form {step.way.number} of {describe(step.case)}"
        assert outcome.fault is None, f"{what}: {outcome.fault}"
        assert outcome.output == outputs[id(step.case)], f"{what}: output"


def describe(case: RowCase) -> str:
    op = case.graph.ops[0]
    shapes = [case.graph.tensors[t].shape for t in (*op.inputs, *op.outputs) if t >= 0]
    return f"{op.code} of {shapes}, {op.options}"


def assert_claims(
    row: Row,
    steps: Sequence[Step],
    outcomes: Sequence[Outcome],
    machine: Machine,
    outputs: dict[int, bytes],
) -> None:
    """Assert that each claim of overlap is safe in place, and that none is safe at less."""
    found = [
        (claim, outcome)
        for claims, outcome in zip(claims_of(steps), outcomes, strict=True)
        for claim in claims
    ]
    assert_exact([claim.run(claim.offset) for claim, _ in found], machine, outputs)
    excesses: list[tuple[int, Claim]] = []
    harmless: list[tuple[Claim, np.ndarray]] = []
    for claim, outcome in found:
        if claim.input not in outcome.after:
            continue
        excess = claim.excess(outcome.after[claim.input])
        if excess is not None and excess < 0:
            harmless.append((claim, outcome.after[claim.input]))
        elif excess is not None:
            excesses.append((excess, claim))
    assert_harmless(harmless, machine)
    if not excesses:
        return
    share, _ = LOOSE.get(row.name, (1.0, ""))
    exact = sum(excess == 0 for excess, _ in excesses) / len(excesses)
    counts = Counter(excess for excess, _ in excesses)
    _, claim = max(excesses, key=lambda e: e[0])
    few = share < 1.0 and len(excesses) < 20
    assert few or exact >= share, (
        f"{exact:.2f} of claims are exact, {counts}; {describe(claim.case)}"
    )


def assert_harmless(claims: Sequence[tuple[Claim, np.ndarray]], machine: Machine) -> None:
    """Assert that bytes which are read after they were overwritten change no output, and that a
    grain less does: kernels load whole vectors, of which they use a part."""
    rng = np.random.default_rng(0)
    claims = [claims[k] for k in rng.permutation(len(claims))[:60]]
    # a byte too many may not matter: a weight of 0, a clamped output, a value that stays the same
    matter = matters(claims, 3, rng, machine)
    if sum(matter) < 0.4 * len(matter):
        matter = matters(claims, 12, rng, machine)
    assert len(matter) < 10 or sum(matter) >= 0.4 * len(matter), (
        f"{sum(matter)} of {len(matter)} claims matter"
    )


def matters(
    claims: Sequence[tuple[Claim, np.ndarray]],
    count: int,
    rng: np.random.Generator,
    machine: Machine,
) -> list[bool]:
    """Assert that claims hold with ``count`` inputs; whether a grain less changes an output."""
    inputs = {id(claim): more_inputs(claim.case, rng, count) for claim, _ in claims}
    plain = [
        RowCase(c.case.drawn, values, c.case.ways) for c, _ in claims for values in inputs[id(c)]
    ]
    right = expected(plain)
    steps, outputs = [], {}
    spoilt = []
    for number, (claim, after) in enumerate(claims):
        sign = -1 if claim.way.kind == "backwards" else 1
        touched = after[(after % claim.way.grain == 0) & (sign * after >= sign * claim.offset)]
        for k, values in enumerate(inputs[id(claim)]):
            case = plain[count * number + k]
            outputs[id(case)] = right[count * number + k]
            for offset in {claim.offset, int(rng.choice(touched))}:
                steps.append(replace(claim.run(offset, values), case=case))
            spoilt.append(replace(claim.run(claim.nearer(1), values), case=case))
    outcomes = run_all([*steps, *spoilt], machine)
    assert_outcomes(steps, outcomes[: len(steps)], machine, outputs)
    wrong = [
        outcome.output != outputs[id(step.case)]
        for step, outcome in zip(spoilt, outcomes[len(steps) :], strict=True)
    ]
    return [any(wrong[count * k : count * (k + 1)]) for k in range(len(claims))]


def assert_costs(row: Row, cases: Sequence[RowCase], outputs: dict[int, bytes]) -> None:
    """Assert that estimated cycles go with instructions executed, in the largest tenth of cases."""
    some = cases if row.cpu else cases[:CASES_OF_OTHERS]
    steps = [step for step in apart(some, np.random.default_rng(0), most=2) if not step.run.shift]
    outcomes = assert_exact(steps, CORES[row.cpu][0] if row.cpu else M55, outputs)
    measured = sorted(
        (outcome.instructions, step.way.cycles / outcome.instructions)
        for step, outcome in zip(steps, outcomes, strict=True)
        if step.way.kind != "fed"
    )
    ratio = median(ratio for _, ratio in measured[-max(8, len(measured) // 10) :])
    usual = OF_ASSEMBLY if row.cpu else OF_PLAIN_C
    least, most, _ = RATIOS.get(row.name, (*usual, ""))
    assert least < ratio < most, f"{row.id} costs {ratio:.2f} cycles an instruction"


def reached(cases: Sequence[RowCase]) -> dict[str, list[str]]:
    """The kernels that are called, and what kinds of ways and claims there are."""
    kernels, kinds = set(), set()
    for way in (way for case in cases for way in case.ways):
        kinds |= {way.kind, *(f"claims {way.kind}" for _ in way.claims)}
        kinds |= {"scratch"} if way.scratch_bytes else set()
        kinds |= {"reads on"} if way.over_bytes else set()
        kinds |= {"other forms"} if way.number else set()
        for call in way.calls:
            passed = [arg.name for arg in call.args if isinstance(arg, Function)]
            kernels |= {name.removeprefix("fw_") for name in (call.function, *passed)}
    return {"kernels": sorted(kernels), "kinds": sorted(kinds)}


def test_nothing_of_the_registry_is_left_out(shared: Path) -> None:
    """Every row, kernel and kind of form has been reached. Rows that other processes are still at
    are drawn here, as many of their cases as it takes."""
    assert not unknown_members(), "a form says something of which no test knows"
    kernels, kinds = set(kernel_files()) - set(UNREACHED), set(KINDS)
    records = {row: shared / f"{row.id}.json" for row in ROWS}
    done = [row for row in ROWS if records[row].is_file()]
    for row in done:
        found = json.loads(records[row].read_text())
        kernels -= set(found["kernels"])
        kinds -= set(found["kinds"])
    rest = [row for row in ROWS if row not in done]
    for count, row in product((CASES // 20, CASES // 4, CASES), rest):
        if kinds or kernels & {*row.kernel.c_files}:
            found = reached(cases_of(row, count, 0))
            kernels -= set(found["kernels"])
            kinds -= set(found["kinds"])
    assert not kernels, "kernels that no row's case calls"
    assert not kinds, "kinds of forms that no row's case has"
    left_out = {row.id for row in every_row()} - {row.id for row in ROWS}
    assert {name.rpartition("-")[2] for name in left_out} == set(UNREACHED), "a row is left out"


KINDS = (
    *("forwards", "backwards", "fed", "scratch", "reads on", "other forms"),
    *("claims forwards", "claims backwards"),
)

UNREACHED = {
    "ethos_u": "of the NPU, which is no kernel of the core",
}


@pytest.mark.parametrize("cpu", sorted({row.cpu for row in ROWS if row.cpu}))
def test_without_optimization(cpu: str) -> None:
    """Where the compiler keeps a register for frames, and passes all through the stack."""
    gcc = CORES[cpu][0]
    slow = replace(gcc, name=f"{gcc.name} -O0", flags=("-O0", *gcc.flags[1:]))
    cases = [case for row in ROWS if row.cpu == cpu for case in cases_of(row, 4, 9)]
    outputs = dict(zip(map(id, cases), expected(cases), strict=True))
    assert_exact(apart(cases, np.random.default_rng(9), most=1), slow, outputs)


LIBRARY_ROWS = tuple(row for row in ROWS if row.of_library)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Machine]:
    """Machines with the user's CMSIS-NN, by the class of core."""
    if REAL is None:
        pytest.skip("CMSIS_NN_ROOT is not set: nothing was tested with the real CMSIS-NN")
    arm = (*LIBC, "-ffreestanding", "-fbuiltin")
    dsp = ("arm-none-eabi-gcc", "-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard")
    found = {"PLAIN": FAST, "MVE": M55, "DSP": replace(M55, compiler=dsp)}  # the M55 runs it, too
    for name, machine in found.items():
        folder = tmp_path_factory.mktemp(f"cmsis-nn-{name}")
        more = arm if machine.simulated else ()
        library = real(REAL, folder, (*machine.compiler, *more))
        found[name] = replace(machine, name=f"CMSIS-NN, {name}", library=library)
    return found


@pytest.mark.parametrize("core", sorted({row.core.name for row in LIBRARY_ROWS}))
def test_rows_with_the_library_itself(core: str, libraries: dict[str, Machine]) -> None:
    of_core = [row for row in LIBRARY_ROWS if row.core.name == core]
    cases = [case for row in of_core for case in cases_of(row, CASES_OF_OTHERS, 0)]
    outputs = dict(zip(map(id, cases), expected(cases), strict=True))
    machine = libraries[core]
    steps = apart(cases, np.random.default_rng(0), most=2)
    # what it loads after the end of constants is the library's own affair; what it stores is judged
    outcomes = execution.execute([step.run for step in steps], machine, traced=False)
    for step, outcome in zip(steps, outcomes, strict=True):
        assert outcome.fault is None and outcome.output == outputs[id(step.case)], describe(
            step.case
        )
