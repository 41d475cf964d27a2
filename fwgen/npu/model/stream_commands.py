"""A command stream -> commands, and the registers that commands set.

A command is a word, or two if bit 14 of the first is set: opcode in bits 0 to 9, parameter in the
upper half. Names and numbers are those of Arm's technical reference manuals of Ethos-U55 (102420)
and U65 (102023).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from fwgen.errors import DeviceFault
from fwgen.npu.payload import Words


class Operation(Enum):
    """Opcodes that do something."""

    STOP = 0x000
    IRQ = 0x001
    CONV = 0x002
    DEPTHWISE = 0x003
    POOL = 0x005
    ELEMENTWISE = 0x006
    DMA_START = 0x010
    DMA_WAIT = 0x011
    KERNEL_WAIT = 0x012
    PMU_MASK = 0x013


class Short(Enum):
    """Registers of 16 bits, by the opcode that sets them."""

    IFM_PAD_TOP = 0x100
    IFM_PAD_LEFT = 0x101
    IFM_PAD_RIGHT = 0x102
    IFM_PAD_BOTTOM = 0x103
    IFM_DEPTH_M1 = 0x104
    IFM_PRECISION = 0x105
    IFM_UPSCALE = 0x107
    IFM_ZERO_POINT = 0x109
    IFM_WIDTH0_M1 = 0x10A
    IFM_HEIGHT0_M1 = 0x10B
    IFM_HEIGHT1_M1 = 0x10C
    IFM_IB_END = 0x10D
    IFM_REGION = 0x10F
    OFM_WIDTH_M1 = 0x111
    OFM_HEIGHT_M1 = 0x112
    OFM_DEPTH_M1 = 0x113
    OFM_PRECISION = 0x114
    OFM_BLK_WIDTH_M1 = 0x115
    OFM_BLK_HEIGHT_M1 = 0x116
    OFM_BLK_DEPTH_M1 = 0x117
    OFM_ZERO_POINT = 0x118
    OFM_WIDTH0_M1 = 0x11A
    OFM_HEIGHT0_M1 = 0x11B
    OFM_HEIGHT1_M1 = 0x11C
    OFM_REGION = 0x11F
    KERNEL_WIDTH_M1 = 0x120
    KERNEL_HEIGHT_M1 = 0x121
    KERNEL_STRIDE = 0x122
    PARALLEL_MODE = 0x123
    ACC_FORMAT = 0x124
    ACTIVATION = 0x125
    ACTIVATION_MIN = 0x126
    ACTIVATION_MAX = 0x127
    WEIGHT_REGION = 0x128
    SCALE_REGION = 0x129
    AB_START = 0x12D
    BLOCKDEP = 0x12F
    DMA0_SRC_REGION = 0x130
    DMA0_DST_REGION = 0x131
    DMA0_SIZE0 = 0x132
    DMA0_SIZE1 = 0x133
    IFM2_BROADCAST = 0x180
    IFM2_SCALAR = 0x181
    IFM2_PRECISION = 0x185
    IFM2_ZERO_POINT = 0x189
    IFM2_WIDTH0_M1 = 0x18A
    IFM2_HEIGHT0_M1 = 0x18B
    IFM2_HEIGHT1_M1 = 0x18C
    IFM2_IB_START = 0x18D
    IFM2_REGION = 0x18F


class Long(Enum):
    """Registers of 32 bits, and 16 more in the parameter, by the opcode that sets them."""

    IFM_BASE0 = 0x000
    IFM_BASE1 = 0x001
    IFM_BASE2 = 0x002
    IFM_BASE3 = 0x003
    IFM_STRIDE_X = 0x004
    IFM_STRIDE_Y = 0x005
    IFM_STRIDE_C = 0x006
    OFM_BASE0 = 0x010
    OFM_BASE1 = 0x011
    OFM_BASE2 = 0x012
    OFM_BASE3 = 0x013
    OFM_STRIDE_X = 0x014
    OFM_STRIDE_Y = 0x015
    OFM_STRIDE_C = 0x016
    WEIGHT_BASE = 0x020
    WEIGHT_LENGTH = 0x021
    SCALE_BASE = 0x022
    SCALE_LENGTH = 0x023
    OFM_SCALE = 0x024
    OPA_SCALE = 0x025
    OPB_SCALE = 0x026
    DMA0_SRC = 0x030
    DMA0_DST = 0x031
    DMA0_LEN = 0x032
    DMA0_SKIP0 = 0x033
    DMA0_SKIP1 = 0x034
    IFM2_BASE0 = 0x080
    IFM2_BASE1 = 0x081
    IFM2_BASE2 = 0x082
    IFM2_BASE3 = 0x083
    IFM2_STRIDE_X = 0x084
    IFM2_STRIDE_Y = 0x085
    IFM2_STRIDE_C = 0x086
    WEIGHT1_BASE = 0x090
    WEIGHT1_LENGTH = 0x091
    SCALE1_BASE = 0x092
    SCALE1_LENGTH = 0x093


Register = Short | Long

SIGNED = frozenset(
    (
        Short.IFM_ZERO_POINT,
        Short.IFM2_ZERO_POINT,
        Short.OFM_ZERO_POINT,
        Short.IFM2_SCALAR,
        Short.ACTIVATION_MIN,
        Short.ACTIVATION_MAX,
    )
)
"""Short registers whose numbers have a sign, if the tensor's do."""

_SHORTS: dict[int, Operation | Register] = {each.value: each for each in (*Operation, *Short)}
_LONGS: dict[int, Operation | Register] = {each.value: each for each in Long}
_LONG = 1 << 14
_RESERVED = 0xBC00  # bits of the low half that are none of opcode and length


@dataclass(frozen=True)
class Command:
    """A command at a word of the stream; ``value`` is its second word."""

    position: int
    what: Operation | Register
    parameter: int
    value: int = 0


class Registers:
    """What the commands so far have set."""

    def __init__(self) -> None:
        self._values: dict[Register, tuple[int, int]] = {}

    def set(self, command: Command) -> None:
        assert not isinstance(command.what, Operation)
        self._values[command.what] = command.parameter, command.value

    def short(self, register: Short) -> int:
        """The 16 bits of a register. Raises DeviceFault if it has not been set."""
        return self._of(register)[0]

    def signed(self, register: Short) -> int:
        """The same as a number with a sign."""
        value = self.short(register)
        return value - (value >> 15 << 16)

    def long(self, register: Long) -> int:
        """The 32 bits of a register."""
        return self._of(register)[1]

    def address(self, register: Long) -> int:
        """32 bits, with those above them in the parameter."""
        high, low = self._of(register)
        return high << 32 | low

    def step(self, register: Long) -> int:
        """40 bits with a sign: maps are read and written backwards too."""
        value = self.address(register) & (1 << 40) - 1
        return value - (value >> 39 << 40)

    def with_parameter(self, register: Long) -> tuple[int, int]:
        """The 32 bits, and the parameter."""
        parameter, value = self._of(register)
        return value, parameter

    def _of(self, register: Register) -> tuple[int, int]:
        if register not in self._values:
            raise DeviceFault(f"The NPU's command stream never sets {register.name}.")
        return self._values[register]


def read_commands(stream: Words, at: str) -> Iterator[Command]:
    """The commands of a stream up to STOP.

    Raises DeviceFault for a word that is no command, with the word's place.
    """
    position = 0
    while position < len(stream):
        word = int(stream[position])
        code, parameter, long = word & 0x3FF, word >> 16, bool(word & _LONG)
        place = f"{at}, word {position}"
        what = (_LONGS if long else _SHORTS).get(code)
        if what is None or word & _RESERVED:
            raise DeviceFault(f"The NPU has no command {word & 0xFFFF:#06x}.", at=place)
        if long and position + 1 == len(stream):
            raise DeviceFault(f"The NPU's command stream ends within {what.name}.", at=place)
        value = int(stream[position + 1]) if long else 0
        yield Command(position, what, parameter, value)
        if what is Operation.STOP:
            return
        position += 1 + long
    raise DeviceFault("The NPU's command stream ends without STOP.", at=at)
