"""What does not fit: the error says by how much, where most is live, and what does fit."""

from __future__ import annotations

import re
from math import inf
from pathlib import Path

import pytest

from fwgen import GOALS
from fwgen.board import Board, load_board
from fwgen.compile.lower.fit import demand
from fwgen.compile.request import Request
from fwgen.errors import DoesNotFit
from fwgen.pipeline import compile_graph, require_fit
from fwgen.source import read
from tests.conftest import OWN_MODELS, Fwgen

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
BOARD = Path(__file__).parents[2] / "boards" / "corstone-300.toml"


def board(folder: Path, *, ram: int = 0x8_0000, flash: int = 0x8_0000) -> Path:
    """A Corstone with memories of other sizes, one for each kind, and little stack."""
    text = BOARD.read_text().replace("stack_bytes = 4096", "stack_bytes = 1024")
    text = re.sub(r'^(arena|weights|code|data|stack) = \[("\w+").*\]', r"\1 = \2", text, flags=re.M)
    for region, size in (("DTCM", ram), ("ITCM", flash)):
        text = re.sub(rf'(name = "{region}".*?bytes = )\w+', rf"\g<1>{size}", text, flags=re.S)
    path = folder / f"small-{ram}-{flash}.toml"
    path.write_text(text)
    return path


def needs(on: Board, region: str) -> dict[str, int]:
    """What is placed in a region needs for each goal."""
    graph = read(DIGITS).graph
    return {
        goal: sum(demand(compile_graph(graph, Request(on, goal=goal)), on.region(region)).values())
        for goal in GOALS
    }


def refused(on: Path, goal: str) -> DoesNotFit:
    graph = read(DIGITS).graph
    program = compile_graph(graph, Request(load_board(str(on)), goal=goal))
    with pytest.raises(DoesNotFit) as caught:
        require_fit(program, graph)
    return caught.value


def test_the_advised_goal_fits_and_is_the_fastest_that_does(tmp_path: Path) -> None:
    """For every size of flash between what the goals' weights need."""
    graph, needed = read(DIGITS).graph, needs(load_board(str(board(tmp_path))), "weights")
    assert len(set(needed.values())) > 2, "the goals must differ for this to test anything"
    anywhere = load_board(str(board(tmp_path)))
    smallest = compile_graph(graph, Request(anywhere, goal="size", slowdown=inf))
    at_any_price = sum(demand(smallest, anywhere.region("weights")).values())
    for flash in {size + step for size in (*needed.values(), at_any_price) for step in (-16, 0)}:
        on = board(tmp_path, flash=flash)
        fitting = {goal for goal, size in needed.items() if size <= flash}
        programs = {g: compile_graph(graph, Request(load_board(str(on)), goal=g)) for g in GOALS}
        for goal in GOALS:
            if goal in fitting:
                require_fit(programs[goal], graph)
                continue
            with pytest.raises(DoesNotFit) as caught:
                require_fit(programs[goal], graph)
            error = caught.value
            assert f"need {needed[goal]:,} bytes of ITCM, which has {flash:,}" in error.what
            advised = re.match(r"--optimize (\w+), which needs ([\d,]+) bytes", error.tries[0])
            if not fitting and at_any_price <= flash:
                slower = re.match(r"--optimize size --max-slowdown (\d+), which", error.tries[0])
                assert slower, error.tries
                limit = float(slower[1])
                cured = compile_graph(
                    graph, Request(load_board(str(on)), goal="size", slowdown=limit)
                )
                require_fit(cured, graph)
                continue
            if not fitting:
                least = min(*needed.values(), at_any_price)
                assert advised is None and "No goal of --optimize makes it fit" in error.what
                assert f"ITCM would need {least:,} bytes at least" in error.what
                continue
            assert advised and advised[1] in fitting
            assert int(advised[2].replace(",", "")) == needed[advised[1]] <= flash
            cycles = {g: programs[g].expected_cycles for g in GOALS}
            assert cycles[advised[1]] == min(cycles[g] for g in fitting)
            change = cycles[advised[1]] / cycles[goal] - 1
            assert f"{change:+.1%} estimated cycles" in error.tries[0]


def test_memory_that_suffices_for_one_goal_suffices_for_all(tmp_path: Path) -> None:
    graph, needed = read(DIGITS).graph, needs(load_board(str(board(tmp_path))), "arena")
    assert len(set(needed.values())) > 2
    for ram in set(needed.values()):
        on = load_board(str(board(tmp_path, ram=ram)))
        for goal in GOALS:
            require_fit(compile_graph(graph, Request(on, goal=goal)), graph)


def test_the_fullest_moments_are_named(tmp_path: Path) -> None:
    on = board(tmp_path, ram=2048)
    error = refused(on, "speed")
    said = next(text for text in error.tries if "arena is in use" in text)
    found = re.findall(r"op (\d+) (\w+) \((\w+)\) with ([\d,]+) bytes", said)
    assert len(found) == 3
    program = compile_graph(read(DIGITS).graph, Request(load_board(str(on)), goal="speed"))
    plan = program.plan
    in_use = {}
    for step in program.steps:
        live = [
            range(offset, offset + b.bytes)
            for b, offset in zip(plan.buffers, plan.offsets, strict=True)
            if b.first <= step.position < b.last
        ]
        in_use[step.index] = len(set().union(*live))
    sizes = [int(size.replace(",", "")) for *_, size in found]
    assert sizes == sorted(in_use.values(), reverse=True)[:3]
    for (index, code, kernel, _), size in zip(found, sizes, strict=True):
        step = next(s for s in program.steps if s.index == int(index))
        assert (step.code, step.kernel, in_use[step.index]) == (code, kernel, size)


def test_all_memories_that_are_too_small_are_told(tmp_path: Path) -> None:
    error = refused(board(tmp_path, ram=2048, flash=1024), "balanced")
    assert "eights need" in error.what and "bytes of ITCM, which has 1,024" in error.what
    assert "bytes of DTCM, which has 2,048" in error.what
    assert any("fewer weights; the biggest are " in text for text in error.tries)
    assert any("arena is in use" in text for text in error.tries)
    assert error.what[0].isupper() and error.tries[-1].startswith("a board with more memory")


def test_on_the_command_line(fwgen: Fwgen, tmp_path: Path) -> None:
    """Exit 4 and no project; a report draws what does not fit, and dumps show it."""
    small = board(tmp_path, ram=2048)
    done = fwgen("build", DIGITS, "-b", small, "-o", "out")
    assert done.returncode == 4 and "Traceback" not in done.stderr
    assert "which has 2,048" in done.stderr
    assert not (tmp_path / "out").exists()
    assert fwgen("build", DIGITS, "-b", small, "--dump", "plan").returncode == 0
    done = fwgen("report", DIGITS, "-b", small, "-o", "r.html")
    assert done.returncode == 4 and "which has 2,048" in done.stderr
    assert "proven optimal" in (tmp_path / "r.html").read_text()
