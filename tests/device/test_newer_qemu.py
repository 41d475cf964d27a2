"""Boards whose machine only a newer QEMU has: which is taken, and what runs where none is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fwgen.board import board_names, load_board
from fwgen.device.run import find_runner
from fwgen.device.run.qemu_machine import PROGRAM, SECTION, machine_of
from fwgen.device.run.runner import Choice
from fwgen.device.run.venue import find_venue
from fwgen.errors import DeviceUnavailable


def since(name: str) -> int:
    machine = load_board(name).section(SECTION)
    return machine.since if machine else 0


YOUNG = [name for name in board_names() if since(name)]


@pytest.fixture(name="machine")
def machine_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any QEMU: the folders of its programs and of its Python are these."""
    for folder in ("bin", "python"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python" / "python3"))
    return tmp_path


def put(path: Path, version: str) -> str:
    """A program that says so of itself."""
    path.write_text(f"#!/bin/sh\necho 'QEMU emulator version {version}'\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("name", YOUNG)
def test_the_first_that_is_young_enough_is_taken(machine: Path, name: str) -> None:
    board, major = load_board(name), since(name)
    own = f"{PROGRAM}-{major}"
    put(machine / "bin" / PROGRAM, "7.2.22 (Debian)")
    with pytest.raises(DeviceUnavailable, match=f"QEMU {major} or later is not here.*7"):
        find_runner(board, Choice("qemu"))
    on_the_path = put(machine / "bin" / own, f"{major}.0.2")
    assert find_runner(board, Choice("qemu")).name == "qemu"
    assert machine_of(board).program == Path(on_the_path).name
    beside = put(machine / "python" / own, f"{major + 1}.0.0")
    assert machine_of(board).program == beside


@pytest.mark.parametrize("name", YOUNG)
def test_the_machines_own_will_do_if_it_is_young_enough(machine: Path, name: str) -> None:
    put(machine / "bin" / PROGRAM, f"{since(name) + 1}.1.0")
    venue = find_venue(load_board(name), Choice())
    assert (venue.board.name, venue.told) == (name, ())
    assert machine_of(venue.board).program == PROGRAM


@pytest.mark.parametrize("name", YOUNG)
def test_where_none_is_its_model_runs_in_place(machine: Path, name: str) -> None:
    """On its twin, by the machine of that one; the output says so."""
    board = load_board(name)
    put(machine / "bin" / PROGRAM, "7.2.22")
    venue = find_venue(board, Choice())
    assert board.like is not None and venue.board.name == board.like
    assert machine_of(venue.board) == machine_of(load_board(board.like))
    assert f"run on {board.like} in place of {name}" in venue.told


def test_what_is_no_qemu_is_not_taken(machine: Path) -> None:
    for name in YOUNG:
        program = machine / "bin" / PROGRAM
        program.write_text("#!/bin/sh\necho hello\n")
        program.chmod(0o755)
        with pytest.raises(DeviceUnavailable, match="does not say its version"):
            find_runner(load_board(name), Choice("qemu"))


def test_other_boards_stay_on_the_machines_own(machine: Path) -> None:
    put(machine / "bin" / PROGRAM, "7.2.22")
    put(machine / "bin" / f"{PROGRAM}-10", "10.0.2")
    for name in board_names():
        section = load_board(name).section(SECTION)
        if section and not section.since:
            assert section.program == PROGRAM and section.missing() is None
