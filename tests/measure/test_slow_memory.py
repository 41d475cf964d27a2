"""Waiting for slow memory: lines that simulated caches bring, counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fwgen.board import Board, load_board
from fwgen.board.caches import SECTION, Cache
from fwgen.measure.profile.recording import RecordedWindow
from fwgen.measure.profile.shares import WITH_WAITS, Foreign, profile_elf
from fwgen.measure.profile.slow_memory import slow_memory
from tests.measure.test_profile import assemble

__all__ = ["assemble"]

M55 = load_board("corstone-300")


def on(*caches: Cache, **wait_states: int) -> Board:
    """The Corstone-300 with other caches and wait states, which go for 4 bytes."""
    regions = (replace(r, wait_states=wait_states.get(r.name, 0)) for r in M55.regions)
    sections = {**M55.sections, SECTION.name: caches}
    return replace(M55, regions=tuple(regions), sections=sections)


def waits(elf: Path, where: Board) -> int:
    """What slow memory adds to a function, in cycles."""
    found = profile_elf(elf, Foreign(board=where, until="E"), RecordedWindow("work"), 60.0)
    (slow,) = [each for each in found["estimates"] if each["name"] == WITH_WAITS]
    assert slow["source"].endswith(", simulated caches of corstone-300")
    return int(slow["total"] - found["counters"]["total"])


TWICE = """
    function work                    @ reads 10 lines of 32 bytes, and again
        ldr r1, =0x31000000
        movs r2, 2
    1:  mov r3, r1
        movs r0, 10
    2:  ldr r4, [r3], 32
        subs r0, 1
        bne 2b
        subs r2, 1
        bne 1b
        bx lr
"""


@pytest.mark.parametrize(
    ("size", "ways", "lines"),
    [
        (512, 0, 10),  # all are still there
        (512, 1, 10),
        (256, 0, 20),  # what was used longest ago went just before it is wanted again
        (256, 1, 14),  # lines 8 and 9 take the places of 0 and 1
        (256, 2, 16),  # 3 lines in 2 ways of 2 sets of 4, and 2 in those of the others
        (32, 0, 20),
    ],
)
def test_lines_are_brought_once_while_there_is_room(
    assemble: Callable[..., Path], size: int, ways: int, lines: int
) -> None:
    cache = Cache(("data",), ("ISRAM",), size, 32, ways)
    assert waits(assemble("bl work", TWICE), on(cache, ISRAM=4)) == lines * 8 * 4


@pytest.mark.parametrize(
    ("access", "lines"),
    [
        ("ldr r4, [r1, 30]", 2),  # across the end of a line
        ("ldrb r4, [r1, 31]", 1),
        ("str r4, [r1]; ldr r4, [r1, 4]", 1),  # stores bring lines
        ("ldr r4, [r5]", 0),  # of a region behind no cache, without wait states
    ],
)
def test_accesses_and_their_lines(assemble: Callable[..., Path], access: str, lines: int) -> None:
    code = f"ldr r1, =0x31000000; ldr r5, =0x30000000; {access}"
    elf = assemble("bl work", f"function work; {code}; bx lr; .ltorg")
    cache = Cache(("data",), ("ISRAM",), 256, 32)
    assert waits(elf, on(cache, ISRAM=4)) == lines * 8 * 4


def test_code_is_brought_by_lines(assemble: Callable[..., Path]) -> None:
    """64 bytes in 2 lines and a return in a third; in a loop, as often as there is no room."""
    straight = ".balign 32; function work; .rept 16; nop.w; .endr; bx lr"
    elf = assemble("bl work", straight)
    big = Cache(("code",), ("ITCM",), 1024, 32)
    assert waits(elf, on(big, ITCM=2)) == 3 * 8 * 2
    loop = ".balign 32; function work; movs r0, 3; 1: .rept 15; nop.w; .endr; subs r0, 1; bne 1b"
    elf = assemble("bl work", f"{loop}; bx lr")
    # 66 bytes and 2 to return: lines 0, 1, 2; from the third on round again
    assert waits(elf, on(big, ITCM=2)) == 3 * 8 * 2
    assert waits(elf, on(replace(big, bytes=64), ITCM=2)) == 9 * 8 * 2


def test_without_a_cache_the_last_access_is_kept(assemble: Callable[..., Path]) -> None:
    code = "ldr r1, =0x31000000; ldrb r4, [r1]; ldrb r4, [r1, 3]; ldrb r4, [r1, 4]; ldrb r4, [r1]"
    elf = assemble("bl work", f"function work; {code}; bx lr; .ltorg")
    assert waits(elf, on(ISRAM=4)) == 3 * 4


def test_a_board_in_place_of_another_has_its_regions() -> None:
    """FLASH of the L4R5 is CODE of the board that runs its images: lines of 8 bytes, 5 cycles."""
    own, stand_in = load_board("nucleo-l4r5zi"), load_board("mps2-an386")
    found = slow_memory(own, stand_in)
    assert found is not None and found.board == own.name
    assert found.options == ("cache=1:8:128:1:0:400000", "cache=2:8:32:1:0:400000")
    assert found.line_waits == ((5,), (5,))
    assert slow_memory(own, stand_in, moved=True) is None
    assert slow_memory(stand_in, stand_in) is None, "nothing waits"
    corstone = slow_memory(M55, M55)
    assert corstone is not None
    assert corstone.line_waits == ((32, 96), (32, 32, 96, 64))


def test_nothing_is_said_where_one_region_stands_for_several() -> None:
    own = load_board("nucleo-h7a3zi-q")
    assert slow_memory(own, load_board("mps2-an500")) is not None
    place = {**own.place, "arena": ("AXISRAM",)}
    assert slow_memory(replace(own, place=place), load_board("mps2-an500")) is None
