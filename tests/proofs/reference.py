"""TFLM's rounding of products, for the solver; ``fwgen.model.fixed_point`` is its twin."""

from __future__ import annotations

import z3

from tests.proofs.solver import number


def scaled(product: z3.BitVecRef, e: int) -> z3.BitVecRef:
    """The product of a sum and a multiplier, times 2**(-31 - e), rounded twice.

    First halves up, then, if e is not 0, halves away from zero.
    """
    once = (product + (1 << 30)) >> 31
    remainder = once & ((1 << e) - 1)
    threshold = z3.If(once < 0, number(1), number(0)) + (((1 << e) - 1) >> 1)
    return (once >> e) + z3.If(remainder > threshold, number(1), number(0))


def scaled_wide(product: z3.BitVecRef, shift: int) -> z3.BitVecRef:
    """The product of a sum and a multiplier of 15 bits, times 2**(shift - 15), rounded once."""
    return (product + (1 << (14 - shift))) >> (15 - shift)
