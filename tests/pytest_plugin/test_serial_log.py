"""The log of the line: lines of both sides, whatever the bytes are, and a bounded size."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwgen.pytest_plugin import serial_log
from fwgen.pytest_plugin.serial_log import SerialLog


def entries(log: SerialLog) -> list[str]:
    """The lines without their times."""
    times = re.compile(r" *\d+\.\d{3} ([<>] .*)")
    found = [times.fullmatch(line) for line in log.text.splitlines()]
    return [match[1] for match in found if match]


def test_each_side_has_its_lines(tmp_path: Path) -> None:
    log = SerialLog(tmp_path / "deep" / "log")
    log.told(b"%sync-1%")
    log.told(b"fw-load 4%\x00%\xff\n")
    log.heard(b"m-rea")
    log.heard(b"dy\r\nhalf \x1b[0m")
    log.close()
    assert entries(log) == [
        *("> %", "> sync-1%", "> fw-load 4%", "> (4 bytes)"),
        *("< m-ready", "< half \\x1b[0m"),
    ]


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=12))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, said: object) -> None:
    log = SerialLog(tmp_path_factory.getbasetemp() / "any.log")
    assert isinstance(said, list)
    for host, data in said:
        (log.told if host else log.heard)(data)
    log.close()
    text = log.text
    assert len(entries(log)) == len(text.splitlines()) and not log.fault
    assert all(c == "\n" or c.isprintable() for c in text)


def test_an_earlier_log_goes_unless_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("of yesterday\n")
    new = SerialLog(path)
    assert new.text == ""
    new.told(b"one%")
    SerialLog(path, keep=True).told(b"two%")
    assert entries(new) == ["> one%", "> two%"]


def test_a_flood_ends_at_the_room_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_log, "MOST_BYTES", 1000)
    log = SerialLog(tmp_path / "log")
    for _ in range(100):
        log.heard(b"x" * 100)
        log.heard(b"\n" * 10)
    assert len(log.text) < 1300 and "1,000 bytes; what follows is left out" in log.text


def test_a_line_without_end_is_logged_before_it_fills_the_memory(tmp_path: Path) -> None:
    log = SerialLog(tmp_path / "log")
    for _ in range(100):
        log.heard(b"x" * 4000)
        assert len(log._pending) <= serial_log.LINE_BYTES
    assert entries(log) and all(line.startswith("< xxx") for line in entries(log))


def test_a_disk_that_is_full_ends_the_log_and_says_so(tmp_path: Path) -> None:
    """At the first line, and at one of many."""
    (tmp_path / "full").symlink_to("/dev/full")
    log = SerialLog(tmp_path / "full")
    log.told(b"one%")
    assert (log.fault, log.text) == ("The log cannot be written: No space left on device.", "")
    log = SerialLog(tmp_path / "log")
    log.told(b"one%")
    log.path = tmp_path / "full"
    log.heard(b"two\nthree\n" * 1000)
    log.path = tmp_path / "log"
    assert entries(log) == ["> one%"] and "No space left" in log.fault


def test_a_log_that_cannot_be_written_says_so_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log = SerialLog(tmp_path / "file" / "log")
    log.told(b"one%")
    log.heard(b"two\n")
    log.close()
    assert log.text == "" and log.fault.startswith("The log cannot be written: ")
