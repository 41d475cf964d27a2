"""Bench files: what each says is read, and what is wrong with one is a sentence with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwgen.errors import UsageError
from fwgen.pytest_plugin.bench_file import Attached, attached, read_bench

BENCH = """\
[[device]]
board = "nucleo-l4r5zi"
runner = "serial"
port = "usb:066DFF"
probe = "066DFF"
args = "--baud 9600"

[[device]]
board = "mine.toml"
"""


def test_a_device_is_its_board_and_the_options_that_lead_to_it(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(BENCH)
    nucleo, mine = read_bench(path)
    words = ("--runner", "serial", "--port", "usb:066DFF", "--probe", "066DFF", "--baud", "9600")
    assert nucleo == Attached("nucleo-l4r5zi", words, "usb:066DFF")
    assert mine == Attached(str(tmp_path / "mine.toml"), (), None)


def test_a_device_without_a_port_is_known_by_its_probe_and_the_last_option_counts() -> None:
    assert attached("b", ("--probe", "1")).key == "1"
    assert attached("b", ("--port", "a", "--port", "b")).key == "b"
    assert attached("b", ("--place", "north", "--probe", "1")).key == "north"


def test_tags_of_a_farm_are_no_certain_device() -> None:
    assert attached("b", ("--runner", "labgrid", "--place", "board=b,floor=2")).key is None


@pytest.mark.parametrize(
    ("text", "why", "at"),
    [
        ("", "no tables", ""),
        ("device = 3", "no tables", ""),
        ("device = []", "no tables", ""),
        ("device = [3]", "Expected a table", "device[0]"),
        (BENCH + "[more]\n", "no tables", ""),
        ("[[device]]\n", "board is missing", "device[0]"),
        (BENCH + '[[device]]\nboard = ""\n', "non-empty", "device[2].board"),
        ('[[device]]\nboard = "b"\nport = 3\n', "non-empty", "device[0].port"),
        ('[[device]]\nboard = "b"\nspeed = "9"\n', "Unknown key, expected board", "speed"),
        ('[[device]]\nboard = "b"\nargs = "\'"\n', "cannot be read", "device[0].args"),
        ("[[device]", "is not TOML", ""),
        ("\xff", "is not TOML", ""),
        ("#" * 20_000, "at most", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, why: str, at: str) -> None:
    path = tmp_path / "bench.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError) as refused:
        read_bench(path)
    assert why in refused.value.what
    assert refused.value.at.startswith(str(path)) and refused.value.at.endswith(at)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_bench(tmp_path / "none.toml")
