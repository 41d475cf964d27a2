"""Places that are held: labgrid is found, its work is waited for, and notes are kept."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import pytest

from fwgen.device.farm import held_place, labgrid_python, unwell_places
from fwgen.device.farm.held_place import HeldPlace, PlaceWish
from fwgen.device.farm.labgrid_python import find_python
from fwgen.errors import DeviceFault, DeviceUnavailable, FwgenError, ToolError, UsageError
from tests.device.farm.farm_bench import LABGRID, PYTHON


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes are of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("LABGRID", raising=False)


def script(path: Path, text: str) -> Path:
    """A program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "head",
    [
        f"#!{sys.executable}\nimport labgrid\n",
        f"#!/bin/sh\n'''exec' \"{sys.executable}\" \"$0\" \"$@\"\n' '''\nimport labgrid\n",
        f"#!/bin/sh\n'''exec' {sys.executable} \"$0\" \"$@\"\n' '''\n",
    ],
    ids=["short path", "long path with spaces", "long path"],
)
def test_the_python_is_that_of_the_client_wherever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    client = script(tmp_path / "own" / "bin" / labgrid_python.CLIENT, head)
    assert find_python(str(client)) == find_python(str(tmp_path / "own")) == sys.executable
    monkeypatch.setenv("LABGRID", str(tmp_path / "own"))
    assert find_python(None) == sys.executable
    monkeypatch.delenv("LABGRID")
    monkeypatch.setenv("PATH", str(client.parent), prepend=os.pathsep)
    assert find_python(None) == sys.executable
    beside = script(client.with_name("python3"), "#!/bin/sh\n")
    assert find_python(str(tmp_path / "own")) == str(beside)  # also where it was moved to


def test_without_labgrid_it_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    for asked, why in (
        (None, "there is no labgrid-client on the PATH"),
        (str(tmp_path), "does not exist"),
        (str(script(tmp_path / "text", "no program\n")), "names no Python"),
        (str(script(tmp_path / "old", "#!/nowhere/bin/python3\n")), "names no Python"),
    ):
        with pytest.raises(DeviceUnavailable, match=why) as error:
            find_python(asked)
        assert "pip install labgrid" in error.value.tries[0]


def test_the_doctor_says_which_labgrid_is_used_or_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (doctor,) = labgrid_python.PREREQUISITES
    assert doctor.version is not None and "pip install labgrid" in doctor.remedy
    monkeypatch.setenv("LABGRID", str(LABGRID))
    assert re.fullmatch(rf"2\d\.\S+, {re.escape(str(PYTHON))}", doctor.version())
    monkeypatch.setenv("LABGRID", str(tmp_path))
    assert doctor.version() is None
    other = script(tmp_path / "client", f"#!{sys.executable}\n")
    monkeypatch.setenv("LABGRID", str(other))
    assert doctor.version() == f"no labgrid, {sys.executable}"


def held(python: Path) -> FwgenError:
    """What comes of a place that is held by a program in the place of Python."""
    with pytest.raises(FwgenError) as error:
        HeldPlace(str(python), "bench:1", PlaceWish("b"))
    return error.value


def test_a_keeper_that_is_stuck_or_ends_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_place, "ANSWER_S", 0.3)
    monkeypatch.setattr(held_place, "END_S", 0.3)
    pid = tmp_path / "pid"
    stuck = held(script(tmp_path / "stuck", f"#!/bin/sh\necho $$ >{pid}\necho hm >&2\nsleep 99\n"))
    assert isinstance(stuck, DeviceFault) and "does not answer" in stuck.what
    assert "bench:1: hm" in stuck.at
    while Path(f"/proc/{pid.read_text().strip()}").exists():  # killed with all that it started
        time.sleep(0.01)
    gone = held(script(tmp_path / "gone", "#!/bin/sh\necho oh >&2\n"))
    assert isinstance(gone, ToolError) and "oh" in gone.at
    noisy = held(script(tmp_path / "noisy", "#!/bin/sh\necho no JSON\n"))
    assert isinstance(noisy, ToolError) and "no JSON" in noisy.at
    missing = held(tmp_path / "missing")
    assert isinstance(missing, ToolError) and "could not be started" in missing.what


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        *(("unknown", UsageError), ("busy", DeviceUnavailable), ("absent", DeviceUnavailable)),
        *(("install", DeviceUnavailable), ("fault", DeviceFault)),
    ],
)
def test_what_the_keeper_refuses_is_an_error_with_its_place(
    tmp_path: Path, kind: str, error: type[FwgenError]
) -> None:
    answer = f'{{"kind": "{kind}", "error": "It is so.", "at": "there"}}'
    refused = held(script(tmp_path / "refuses", f"#!/bin/sh\necho '{answer}'\n"))
    assert type(refused) is error and refused.what == "It is so." and "there" in refused.at


def test_a_python_without_labgrid_is_told(tmp_path: Path) -> None:
    """The keeper itself says so."""
    refused = held(Path(sys.executable))
    assert isinstance(refused, DeviceUnavailable) and "has no labgrid" in refused.what


def test_notes_of_boards_that_did_not_answer_are_by_place_and_grow_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place in ("b1", "../b2", "b\N{SNOWMAN}"):
        unwell_places.note_unwell("one:1", place)
    assert set(unwell_places.unwell("one:1")) == {"b1", "../b2", "b\N{SNOWMAN}"}
    assert unwell_places.unwell("other:1") == []
    unwell_places.forget_unwell("one:1", "../b2")
    unwell_places.forget_unwell("one:1", "b4")
    assert set(unwell_places.unwell("one:1")) == {"b1", "b\N{SNOWMAN}"}
    later = time.time() + unwell_places.REST_S + 1
    monkeypatch.setattr(unwell_places.time, "time", lambda: later)
    assert unwell_places.unwell("one:1") == []
