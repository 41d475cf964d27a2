"""Program -> Program with each constant array in a region of the board: the hottest in the fastest.

Code and the runtime are in the same region as constants on most boards. What they take is known
only after linking, so that room is left for the measured sizes of kernels and somewhat more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fwgen.alignment import aligned
from fwgen.lower import Array, Program
from fwgen.ops.code_bytes import code_bytes, runtime_bytes
from fwgen.placement import Room, weights_rooms

_CODE_MARGIN = 1.1
_CALL_BYTES = 64
"""Code of the call of an op, with its parameters."""


def place_weights(program: Program) -> Program:
    """The program with its arrays in regions, those with most accesses per byte first."""
    code = runtime_bytes() + sum(map(code_bytes, program.kernels))
    code += _CALL_BYTES * len(program.steps)
    rooms = weights_rooms(program.board, round(_CODE_MARGIN * code))
    words = _words(program)
    region_of = _regions(program.arrays, words, rooms)
    waits = {room.region: room.wait_states for room in rooms}
    return replace(
        program,
        arrays=tuple(replace(a, region=region_of[a.name]) for a in program.arrays),
        constant_wait_cycles=sum(waits[region_of[a.name]] * words[a.name] for a in program.arrays),
    )


def _words(program: Program) -> Mapping[str, float]:
    """Accesses of an inference to each array: those of an op are spread evenly over its bytes."""
    size = {array.name: array.data.nbytes for array in program.arrays}
    words = dict.fromkeys(size, 0.0)
    for step in program.steps:
        total = sum(size[name] for name in step.constants)
        for name in step.constants:
            words[name] += step.constant_words * size[name] / max(total, 1)
    return words


def _regions(
    arrays: Sequence[Array], words: Mapping[str, float], rooms: Sequence[Room]
) -> Mapping[str, str]:
    """Each array in the first region that has room for it, the last if none has."""
    if sum(_bytes(array) for array in arrays) <= rooms[0].bytes or len(rooms) == 1:
        return {array.name: rooms[0].region for array in arrays}
    left = [room.bytes for room in rooms]
    found = {}
    for array in sorted(arrays, key=lambda a: (-words[a.name] / max(a.data.nbytes, 1), a.name)):
        fitting = (n for n, room in enumerate(left) if _bytes(array) <= room)
        number = next(fitting, len(rooms) - 1)
        left[number] -= _bytes(array)
        found[array.name] = rooms[number].region
    return found


def _bytes(array: Array) -> int:
    return aligned(array.data.nbytes)
