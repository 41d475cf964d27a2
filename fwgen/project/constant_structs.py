"""Program -> its constants as C structures, one for each region of memory, and their bytes.

The C language fixes the order and the gaps of a structure's members, whatever the compiler. So
their CRC is known before anything is compiled, and the firmware can compare it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fwgen.compile.lower.program import Array, Block, Program
from fwgen.model.alignment import ALIGNMENT, aligned
from fwgen.project import c_text
from fwgen.project.comments import constant_comments

_VECTOR_BYTES = 64
"""Arrays from this size on are aligned for vector loads."""

_LEADING_NAME = re.compile(r"^[A-Za-z_]\w*")


@dataclass(frozen=True)
class ConstantArray:
    """A member of the structure; ``text`` are its elements in C, ``about`` says what it is."""

    name: str
    c_type: str
    elements: int
    aligned: bool
    text: str
    comment: str
    about: Sequence[str]


@dataclass(frozen=True)
class ConstantPart:
    """A structure ``name`` in a ``section``; ``image`` are its bytes in memory, gaps included."""

    name: str
    section: str
    arrays: tuple[ConstantArray, ...]
    image: bytes


def weights_symbol(program: Program, region: str) -> str:
    """What the constants of a region are called in the linker script."""
    several = len({array.region for array in program.arrays}) > 1
    return f"fw_weights_{region.lower()}" if several else "fw_weights"


def constant_parts(program: Program, prefix: str, *, each: bool = False) -> list[ConstantPart]:
    """The constants by region, in the program's order.

    With ``each``, every array has a structure of its own, so that a sanitizer sees the array's end.
    """
    groups: dict[str, list[Array]] = {}
    for number, array in enumerate(program.arrays):
        name = weights_symbol(program, array.region).replace("fw", prefix, 1)
        groups.setdefault(f"{name}_{number}" if each else name, []).append(array)
    about = constant_comments(program)
    return [_part(name, arrays, about) for name, arrays in groups.items()]


def _part(name: str, arrays: Sequence[Array], about: Mapping[str, Sequence[str]]) -> ConstantPart:
    return ConstantPart(
        name=name,
        section=f".rodata.{name}",
        arrays=tuple(
            ConstantArray(
                name=array.name,
                c_type=array.c_type,
                elements=array.data.size,
                aligned=_alignment(array) == ALIGNMENT,
                text=c_text.rows(array.data),
                comment=array.comment,
                about=about[array.name],
            )
            for array in arrays
        ),
        image=_image(arrays),
    )


def _alignment(array: Array) -> int:
    whole = array.for_npu or array.data.nbytes >= _VECTOR_BYTES
    return ALIGNMENT if whole else array.data.itemsize


def _image(arrays: Sequence[Array]) -> bytes:
    """What the compiler makes of the structure: a little-endian machine's bytes."""
    image = bytearray()
    for array in arrays:
        image.extend(bytes(aligned(len(image), _alignment(array)) - len(image)))
        image += array.data.astype(array.data.dtype.newbyteorder("<")).tobytes()
    most = max(map(_alignment, arrays))
    return bytes(image) + bytes(aligned(len(image), most) - len(image))


def qualified(blocks: Iterable[Block], parts: Iterable[ConstantPart]) -> list[Block]:
    """The calls with constants named as the members that they are."""
    owner = {array.name: part.name for part in parts for array in part.arrays}

    def member(name: re.Match[str]) -> str:
        return f"{owner[name[0]]}.{name[0]}" if name[0] in owner else name[0]

    return [
        (
            times,
            tuple(
                (function, tuple(_LEADING_NAME.sub(member, arg) for arg in args))
                for function, args in calls
            ),
        )
        for times, calls in blocks
    ]
