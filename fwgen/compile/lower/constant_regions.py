"""Program with each constant array in a region of the board: the hottest in the fastest.

Code and the runtime are in the same region as constants on most boards. What they take is known
only after linking, so that room is left for the measured sizes of kernels and somewhat more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fwgen.board.placement import Room, weights_rooms
from fwgen.compile.lower.program import Array, Program
from fwgen.kernels.code_bytes import code_bytes, runtime_bytes
from fwgen.model.alignment import aligned
from fwgen.npu.board_npu import npu_of

_CALL_BYTES = 64
"""Code of the call of an op, with its parameters."""


def place_weights(program: Program) -> Program:
    """The program with its arrays in regions, those with most accesses per byte first."""
    reached = npu_of(program.board, program.npu.name).weights if program.npu else ()
    rooms = weights_rooms(program.board, estimated_code(program), reached)
    words = {size: _words(program, size) for size in {room.cache_bytes for room in rooms}}
    region_of = _regions(program.arrays, words[rooms[-1].cache_bytes], rooms, reached)
    room_of = {room.region: room for room in rooms}
    waits = 0.0
    for array in program.arrays:
        room = room_of[region_of[array.name]]
        waits += room.word_waits * words[room.cache_bytes][array.name]
    return replace(
        program,
        arrays=tuple(replace(a, region=region_of[a.name]) for a in program.arrays),
        constant_wait_cycles=waits,
    )


def estimated_code(*programs: Program) -> int:
    """Bytes of code of an image with one or several programs, by the measured sizes of kernels,
    each of which is in it once."""
    kernels = {kernel for program in programs for kernel in program.kernels}
    code = runtime_bytes() + sum(map(code_bytes, kernels))
    return code + _CALL_BYTES * sum(len(program.steps) for program in programs)


def _words(program: Program, cache_bytes: int) -> Mapping[str, float]:
    """Accesses of an inference to each array behind a cache of that size: those of an op are spread
    evenly over its bytes."""
    size = {array.name: array.data.nbytes for array in program.arrays}
    words = dict.fromkeys(size, 0.0)
    for step in program.steps:
        total = sum(size[name] for name in step.constants)
        for name in step.constants:
            words[name] += step.constant_words[cache_bytes] * size[name] / max(total, 1)
    return words


def _regions(
    arrays: Sequence[Array],
    words: Mapping[str, float],
    rooms: Sequence[Room],
    reached: Sequence[str],
) -> Mapping[str, str]:
    """The region of each array by its name: the first with room for it, or the last one.

    An array that an NPU reads goes to the regions that are ``reached`` by the NPU. Where the first
    region has no room for all others, those with the most accesses per byte come first.
    """
    left = {room.region: room.bytes for room in rooms}
    found = {}

    def put(array: Array, regions: Sequence[str]) -> None:
        size = aligned(array.data.nbytes)
        name = next((name for name in regions if size <= left[name]), regions[-1])
        left[name] -= size
        found[array.name] = name

    own = [array for array in arrays if not array.for_npu]
    for array in arrays:
        if array.for_npu:
            put(array, reached)
    listed = [room.region for room in rooms if room.open]
    if sum(aligned(a.data.nbytes) for a in own) > left[listed[0]]:
        own.sort(key=lambda a: (-words[a.name] / max(a.data.nbytes, 1), a.name))
    for array in own:
        put(array, listed)
    return found
