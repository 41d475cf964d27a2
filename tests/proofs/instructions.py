"""What instructions do with bit vectors, by the Armv7-M and Armv8.1-M manuals' pseudocode.

Where one multiplies a sum by a multiplier, it takes the product.
"""

from __future__ import annotations

import z3

from tests.proofs.solver import clipped, number, register, wide


def smmla(product: z3.BitVecRef, addend: z3.BitVecRef) -> z3.BitVecRef:
    """The upper word of a product of 64 bits, and an addend: SMMLA, or SMULL and ADD."""
    return z3.Extract(63, 32, product) + addend


def ssat(x: z3.BitVecRef, bits: int = 8) -> z3.BitVecRef:
    """SSAT of a register, as a number; so are VQMOVN's lanes."""
    return clipped(wide(x), -(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def halves(x: z3.BitVecRef) -> tuple[z3.BitVecRef, z3.BitVecRef]:
    """The lower and the upper halfword."""
    return z3.Extract(15, 0, x), z3.Extract(31, 16, x)


def sxtb16(x: z3.BitVecRef, rotation: int = 0) -> z3.BitVecRef:
    """Bytes 0 and 2, after a rotation to the right, as halfwords."""
    low, high = halves(z3.RotateRight(x, rotation))
    return z3.Concat(*(z3.SignExt(8, z3.Extract(7, 0, half)) for half in (high, low)))


def sadd16(x: z3.BitVecRef, y: z3.BitVecRef) -> z3.BitVecRef:
    (x0, x1), (y0, y1) = halves(x), halves(y)
    return z3.Concat(x1 + y1, x0 + y0)


def ssub16(x: z3.BitVecRef, y: z3.BitVecRef) -> z3.BitVecRef:
    (x0, x1), (y0, y1) = halves(x), halves(y)
    return z3.Concat(x1 - y1, x0 - y0)


def vqrdmulh(product: z3.BitVecRef) -> z3.BitVecRef:
    """The upper word of twice a product, rounded, halves up, and saturated."""
    return register(ssat((wide(product) * 2 + (1 << 31)) >> 32, 32))


def vqdmlah_one(x: z3.BitVecRef) -> z3.BitVecRef:
    """VQDMLAH.S32 x, x, 1: the upper word of x * 2**32 + 2 * x * 1, saturated."""
    return register(ssat(((wide(x) << 32) + 2 * wide(x)) >> 32, 32))


def vqadd(x: z3.BitVecRef, y: z3.BitVecRef) -> z3.BitVecRef:
    return register(ssat(wide(x) + wide(y), x.size()), x.size())


def vrshl(x: z3.BitVecRef, shift: int) -> z3.BitVecRef:
    """A shift by 0 or to the right, halves up."""
    half = (1 << -shift) >> 1
    return register((wide(x) + half) >> number(-shift))


def vqshl(x: z3.BitVecRef, shift: int) -> z3.BitVecRef:
    """A shift to the left that saturates, or one to the right without rounding."""
    shifted = wide(x) << shift if shift >= 0 else wide(x) >> -shift
    return register(ssat(shifted, 32))


def smmulr(product: z3.BitVecRef) -> z3.BitVecRef:
    """The upper word of a product of 64 bits, rounded, halves up."""
    return z3.Extract(63, 32, product + (1 << 31))


def smlal(product: z3.BitVecRef, added: z3.BitVecRef) -> z3.BitVecRef:
    """The upper word of a product of 64 bits and a number of 64 bits."""
    return z3.Extract(63, 32, product + added)
