"""Thumb instructions: their effect on the stack and on the flow of control."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

_SP, _LR, _PC = 13, 14, 15
_MSP = 8  # among special registers


class Kind(Enum):
    """Where control goes, apart from the next instruction."""

    PLAIN = auto()
    CALL = auto()
    BRANCH = auto()
    INDIRECT = auto()  # to an address in a register or in memory
    LEAVE = auto()  # a return, or a jump within a table of its own


class ThumbInstruction(NamedTuple):
    """``pushed`` are the bytes by which the stack grows, less than 0 where it shrinks, None if the
    code alone does not say by how much it grows.

    ``ends`` if what follows is never reached from here. ``low`` and ``high`` are halves of an
    address that goes into a register. ``restacks`` if the stack begins anew at a given place.
    """

    bytes: int
    kind: Kind = Kind.PLAIN
    target: int = 0
    ends: bool = False
    pushed: int | None = 0
    low: int | None = None
    high: int | None = None
    restacks: bool = False


def decode(word: Callable[[int], int], address: int) -> ThumbInstruction:
    """The instruction at ``address``; ``word`` gives the 16 bits at an address."""
    first = word(address)
    if first >> 11 < 0b11101:
        return _narrow(first, address)
    return _wide(first, word(address + 2), address)


def conditional_after(code: int) -> int:
    """The number of instructions after this one that may be skipped: those that an IT governs."""
    if code & 0xFF00 != 0xBF00 or not code & 15:
        return 0
    return 4 - ((code & -code).bit_length() - 1)


def _narrow(code: int, address: int) -> ThumbInstruction:
    here = address + 4
    if code >> 12 == 0b1101 and code >> 9 != 0b1101111:  # B with a condition
        return ThumbInstruction(2, Kind.BRANCH, here + _signed(code & 0xFF, 8) * 2)
    if code >> 11 == 0b11100:
        return ThumbInstruction(2, Kind.BRANCH, here + _signed(code & 0x7FF, 11) * 2, ends=True)
    if code & 0xF500 == 0xB100:  # CBZ, CBNZ
        return ThumbInstruction(
            2, Kind.BRANCH, here + ((code >> 3 & 0x1F) | (code >> 4 & 0x20)) * 2
        )
    if code & 0xFF00 == 0x4700:
        register, call = code >> 3 & 15, bool(code & 0x80)
        if register == _LR and not call:
            return ThumbInstruction(2, Kind.LEAVE, ends=True)
        return ThumbInstruction(2, Kind.INDIRECT, ends=not call)
    if code & 0xFE00 == 0xB400:  # PUSH
        return ThumbInstruction(2, pushed=4 * (code & 0x1FF).bit_count())
    if code & 0xFE00 == 0xBC00:  # POP, perhaps to the program counter
        popped, leaves = -4 * (code & 0x1FF).bit_count(), bool(code & 0x100)
        return ThumbInstruction(2, Kind.LEAVE if leaves else Kind.PLAIN, ends=leaves, pushed=popped)
    if code & 0xFF00 == 0xB000:  # ADD and SUB SP
        return ThumbInstruction(2, pushed=(code & 0x7F) * (4 if code & 0x80 else -4))
    if code & 0xFD00 == 0x4400:  # ADD and MOV of any registers
        to = (code & 7) | (code >> 4 & 8)
        if to == _PC:  # MOV, which keeps no Thumb bit, is no call: compilers make those with BX
            moves = code & 0xFF00 == 0x4600
            return ThumbInstruction(2, Kind.LEAVE if moves else Kind.INDIRECT, ends=True)
        return ThumbInstruction(2, pushed=None if to == _SP else 0)
    return ThumbInstruction(2)


def _wide(first: int, second: int, address: int) -> ThumbInstruction:
    if first & 0xFFF0 == 0xF380 and second & 0xFF == _MSP and second >> 12 == 8:  # MSR MSP
        return ThumbInstruction(4, restacks=True)
    if first >> 11 == 0b11110 and second & 0x8000:
        return _wide_branch(first, second, address)
    if first == 0xE92D:  # PUSH
        return ThumbInstruction(4, pushed=4 * second.bit_count())
    if first & 0xFFBF == 0xECBD and second >> 9 & 7 == 0b101:  # VPOP
        return ThumbInstruction(4, pushed=-4 * (second & 0xFF))
    if first == 0xE8BD:  # POP, perhaps to the program counter
        popped, leaves = -4 * second.bit_count(), bool(second & 0x8000)
        return ThumbInstruction(4, Kind.LEAVE if leaves else Kind.PLAIN, ends=leaves, pushed=popped)
    if first == 0xE8FD:  # LDRD [SP], #n
        return ThumbInstruction(4, pushed=-4 * (second & 0xFF))
    if first == 0xF85D and second & 0xF00 == 0xB00 and second >> 12 != _PC:  # LDR [SP], #n
        return ThumbInstruction(4, pushed=-(second & 0xFF))
    if first & 0xFBEF == 0xF10D and second >> 8 & 15 == _SP:  # ADD SP, #constant
        return ThumbInstruction(4, pushed=-_expanded(_immediate(first, second)))
    if first & 0xFBFF == 0xF20D and second >> 8 & 15 == _SP:  # ADDW SP
        return ThumbInstruction(4, pushed=-_immediate(first, second))
    if first & 0xFFBF == 0xED2D and second >> 9 & 7 == 0b101:  # VPUSH
        return ThumbInstruction(4, pushed=4 * (second & 0xFF))
    if first == 0xF84D and second & 0xF00 == 0xD00:  # STR [SP, #-n]!
        return ThumbInstruction(4, pushed=second & 0xFF)
    if first == 0xE96D:  # STRD [SP, #-n]!
        return ThumbInstruction(4, pushed=4 * (second & 0xFF))
    if first & 0xFBEF == 0xF1AD and second >> 8 & 15 == _SP:  # SUB SP, #constant
        return ThumbInstruction(4, pushed=_expanded(_immediate(first, second)))
    if first & 0xFBFF == 0xF2AD and second >> 8 & 15 == _SP:  # SUBW SP
        return ThumbInstruction(4, pushed=_immediate(first, second))
    if first & 0xFFEF == 0xEBAD and second >> 8 & 15 == _SP:  # SUB SP, register
        return ThumbInstruction(4, pushed=None)
    if first & 0xFBF0 in (0xF240, 0xF2C0):  # MOVW, MOVT
        half = (first & 15) << 12 | _immediate(first, second)
        low = first & 0x80 == 0
        return ThumbInstruction(4, low=half if low else None, high=None if low else half)
    if first & 0xFFD0 == 0xE890 and second & 0x8000:  # LDM with the program counter
        return ThumbInstruction(4, Kind.LEAVE if first & 15 == _SP else Kind.INDIRECT, ends=True)
    if first & 0xFFF0 == 0xE8D0 and second & 0xFFE0 == 0xF000:  # TBB, TBH
        return ThumbInstruction(4, Kind.LEAVE, ends=True)
    if first & 0xFF70 == 0xF850 and second >> 12 == _PC:  # LDR to the program counter
        leaves = first & 15 == _SP and second & 0xF00 == 0xB00
        return ThumbInstruction(4, Kind.LEAVE if leaves else Kind.INDIRECT, ends=True)
    return ThumbInstruction(4)


def _wide_branch(first: int, second: int, address: int) -> ThumbInstruction:
    sign, j1, j2 = first >> 10 & 1, second >> 13 & 1, second >> 11 & 1
    low = (second & 0x7FF) << 1
    if second & 0x1000:  # B, BL: 25 bits
        bits = (1 ^ j1 ^ sign) << 23 | (1 ^ j2 ^ sign) << 22 | (first & 0x3FF) << 12 | low
        call = bool(second & 0x4000)
        target = address + 4 + _signed(sign << 24 | bits, 25)
        return ThumbInstruction(4, Kind.CALL if call else Kind.BRANCH, target, ends=not call)
    if second & 0x4000 or first >> 7 & 7 == 7:  # no branch, a system instruction
        return ThumbInstruction(4)
    bits = sign << 20 | j2 << 19 | j1 << 18 | (first & 0x3F) << 12 | low
    return ThumbInstruction(4, Kind.BRANCH, address + 4 + _signed(bits, 21))


def _signed(value: int, bits: int) -> int:
    return value - (value >> (bits - 1) << bits)


def _immediate(first: int, second: int) -> int:
    """The 12 bits i:imm3:imm8."""
    return (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xFF


def _expanded(value: int) -> int:
    """A modified immediate: a byte, repeated or rotated."""
    byte = value & 0xFF
    if value >> 10 == 0:
        return byte * (1, 0x10001, 0x1000100, 0x1010101)[value >> 8 & 3]
    return (byte | 0x80) << 32 >> (value >> 7) & 0xFFFFFFFF
