"""Every board with real models: exact against TFLM, and counters that repeat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from fwgen.board import board_names, load_board
from fwgen.device.run import notes_on
from fwgen.device.run.qemu_machine import SECTION
from tests.conftest import OWN_MODELS, REAL_MODELS, Fwgen


def _since(board: str) -> int:
    machine = load_board(board).section(SECTION)
    return machine.since if machine else 0


RUNNABLE = sorted(
    (b for b in board_names() if load_board(b).native or "qemu" in load_board(b).sections),
    key=_since,
)
"""Boards that need no FVP; those that need a younger QEMU than others last."""

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
SMALL_RAM_BYTES = 128 * 1024
"""With as much, a board has to take every model."""

LABELLED = DIGITS.with_name("digits_inputs.npz")


def _pairs() -> Iterator[object]:
    """Boards with models. The first board of a core gets all of them by day; further ones, which
    differ in addresses and drivers only, the smallest real one, and the others by night."""
    smallest = min(REAL_MODELS, key=lambda path: path.stat().st_size, default=None)
    cores = set[str]()
    for board in RUNNABLE:
        core = load_board(board).cpu.name
        for model in (*OWN_MODELS, *REAL_MODELS):
            later = core in cores and model in REAL_MODELS and model != smallest
            marks = (pytest.mark.nightly,) if later else ()
            yield pytest.param(board, model, id=f"{board}-{model.stem}", marks=marks)
        cores.add(core)


@pytest.mark.parametrize(("board", "model"), list(_pairs()))
def test_exact_on_every_board(fwgen: Fwgen, tmp_path: Path, board: str, model: Path) -> None:
    out, result = tmp_path / "o", tmp_path / "v.json"
    options = ("--sanitize",) if board == "host" else ()
    done = fwgen("build", model, "-b", board, "-o", out, *options)
    if done.returncode == 4 and model != DIGITS:
        ram = [r.bytes for r in load_board(board).regions if r.kind == "ram"]
        assert sum(ram) < SMALL_RAM_BYTES and re.search(r"need .* which has", done.stderr)
        return
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 3, "--seed", 5, "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 0
    if "v7m" not in load_board(board).cpu.features and not load_board(board).native:
        assert architecture(out / "build" / "firmware.elf") == "v6-M"


def architecture(elf: Path) -> str:
    """That for which all of an image was compiled, by its build attributes."""
    with elf.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".ARM.attributes")
        ((attribute,),) = (
            [a for a in part.iter_attributes("TAG_CPU_ARCH")]
            for each in section.iter_subsections()
            for part in each.iter_subsubsections()
        )
    return {11: "v6-M", 12: "v6S-M"}.get(attribute.value, str(attribute.value)).replace("S", "")


def _others() -> Iterator[object]:
    """The other boards with models: all by night, by day the smallest."""
    for board in (b for b in board_names() if b not in RUNNABLE):
        for model in (*OWN_MODELS, *REAL_MODELS):
            marks = () if model == DIGITS else (pytest.mark.nightly,)
            yield pytest.param(board, model, id=f"{board}-{model.stem}", marks=marks)


@pytest.mark.parametrize(("board", "model"), list(_others()))
def test_other_boards_compile_link_and_fit(
    fwgen: Fwgen, tmp_path: Path, board: str, model: Path
) -> None:
    """Whatever is loaded lies in a memory of the board, and its vectors where the core looks for
    them. A board that another stands in for is verified in its place, with the same library."""
    out, facts = tmp_path / "o", load_board(board)
    done = fwgen("build", model, "-b", board, "-o", out)
    assert done.returncode == 0, done.stderr
    with (out / "build" / "firmware.elf").open("rb") as file:
        sections = [s for s in ELFFile(file).iter_sections() if s["sh_flags"] & 2 and s["sh_size"]]
    vectors = next(s["sh_addr"] for s in sections if s.name == ".vectors")
    assert vectors == facts.region("vectors").origin
    for section in sections:
        begin, end = section["sh_addr"], section["sh_addr"] + section["sh_size"]
        inside = [r for r in facts.regions if r.origin <= begin and end <= r.origin + r.bytes]
        assert inside, section.name
    if facts.like:
        result = tmp_path / "v.json"
        done = fwgen("verify", out, "--runner", "qemu", "--inputs", 1, "--json", result)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"run on {facts.like} in place of {board}" in done.stdout
        verdict = json.loads(result.read_text())
        assert verdict["mismatches"] == 0 and verdict["bytes"] > 0


@pytest.mark.parametrize("board", [b for b in RUNNABLE if b != "host"])
def test_counters_repeat_and_add_up(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    """Two runs give the same bytes; the ops' instructions make up the inference's."""
    out = tmp_path / "o"
    assert fwgen("build", DIGITS, "-b", board, "-o", out).returncode == 0
    for name in ("a.json", "b.json"):
        done = fwgen("run", out, "--json", name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    counters = json.loads((tmp_path / "a.json").read_text())["counters"]
    assert (counters["source"], counters["unit"]) == ("qemu", "instructions")
    ops = sum(op["value"] for op in counters["ops"])
    # around each op only the store of its number and the call, or the hook in a traced run
    assert abs(counters["total"] - ops) <= 40 * len(counters["ops"])
    for note in notes_on(load_board(board), "qemu", None):
        assert note in done.stdout


def test_accuracy_on_the_device_is_that_of_tflm(fwgen: Fwgen, tmp_path: Path) -> None:
    from fwgen.host.oracle import Oracle

    with np.load(LABELLED) as file:
        inputs, labels = file["inputs"][:60], file["labels"][:60]
    np.savez(tmp_path / "some.npz", inputs=inputs, labels=labels)
    with Oracle(DIGITS.read_bytes()) as oracle:
        shape = (1, *inputs.shape[1:])
        expected = sum(
            int(oracle.invoke([x.reshape(shape)])[0].argmax()) == label
            for x, label in zip(inputs, labels, strict=True)
        )
    out, result = tmp_path / "o", tmp_path / "r.json"
    assert fwgen("build", DIGITS, "-b", "corstone-300", "-o", out).returncode == 0
    assert fwgen("run", out, "--samples", "some.npz", "--json", result).returncode == 0
    assert json.loads(result.read_text())["samples"] == {"total": 60, "correct": expected}
    assert expected >= 57
