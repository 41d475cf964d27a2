"""Sections ``[[cache]]`` of board files: what is refused, and what boards of fwgen's have."""

from __future__ import annotations

import pytest

from fwgen.board import board_names, load_board, parse_board
from fwgen.board.caches import SECTION, cache_of
from fwgen.errors import UsageError

GOOD = load_board("nucleo-h7a3zi-q").source.decode()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('holds = ["code"]', 'holds = ["code", "loops"]', "cache[0].holds"),
        ('holds = ["code"]', "holds = []", "cache[0].holds"),
        ('holds = ["code"]', 'holds = ["data"]', "cache[1].regions"),
        ('regions = ["FLASH"]', "regions = []", "cache[0].regions"),
        ('regions = ["FLASH"]', 'regions = ["MOON"]', "cache[0].regions"),
        ("bytes = 0x4000\n", "bytes = 0x4010\n", "cache[0].bytes"),
        ("bytes = 0x4000\n", "bytes = 0x4020\n", "cache[0].bytes"),
        ("bytes = 0x4000\n", "bytes = 0\n", "cache[0].bytes"),
        ("bytes = 0x4000\n", "bytes = 0x4800\n", "cache[0].line_bytes"),
        ("line_bytes = 32", "line_bytes = 24", "cache[0].bytes"),
        ("ways = 2", "ways = 3", "cache[0].bytes"),
        ("ways = 2", "ways = -1", "cache[0].ways"),
        ("access_bytes = 32", "access_bytes = 2", "region[0].access_bytes"),
    ],
)
def test_wrong_keys_are_named(old: str, new: str, key: str) -> None:
    source = GOOD.replace(old, new, 1)
    assert source != GOOD
    with pytest.raises(UsageError) as refused:
        parse_board(source.encode(), "b.toml")
    assert refused.value.at == f"b.toml: {key}"


def test_a_cache_is_found_by_region_and_what_it_holds() -> None:
    board = load_board("nucleo-h7a3zi-q")
    code, data = (cache_of(board, "FLASH", what) for what in ("code", "data"))
    assert code is not None and data is not None
    assert (code.ways, code.sets, data.ways, data.sets) == (2, 256, 4, 128)
    assert cache_of(board, "AXISRAM", "data") is data
    assert cache_of(board, "AXISRAM", "code") is None
    assert cache_of(board, "DTCM", "data") is None
    anywhere = load_board("nucleo-l4r5zi").every(SECTION)[1]
    assert (anywhere.bytes // anywhere.line_bytes, anywhere.sets) == (32, 1)


WITH_CACHES = [name for name in board_names() if load_board(name).every(SECTION)]


@pytest.mark.parametrize("name", WITH_CACHES)
def test_caches_are_before_what_waits(name: str) -> None:
    """A tightly coupled memory is behind none, and what is slow is behind one."""
    found = load_board(name)
    for region in found.regions:
        assert bool(region.wait_states) == (cache_of(found, region.name, "data") is not None)
