"""Claims about all values, given to z3: it finds values for which one is false, or proves it.

Integers are bit vectors of ``WIDTH`` bits, more than any number here has. The product of a sum and
a multiplier is one integer of any value within its bounds: what holds for each of them holds for
each product, and a solver need not multiply.
"""

from __future__ import annotations

import z3

WIDTH = 80

SECONDS = 60
"""In which each claim is decided; they take milliseconds."""


def number(value: int) -> z3.BitVecRef:
    return z3.BitVecVal(value, WIDTH)


def integer(name: str, low: int, high: int) -> tuple[z3.BitVecRef, z3.BoolRef]:
    """Any integer from ``low`` to ``high``, and that it is one of these."""
    x = z3.BitVec(name, WIDTH)
    return x, z3.And(x >= low, x <= high)


def wide(x: z3.BitVecRef) -> z3.BitVecRef:
    """The number that a register holds, with its sign."""
    return z3.SignExt(WIDTH - x.size(), x)


def register(x: z3.BitVecRef, bits: int = 32) -> z3.BitVecRef:
    """What a register of so many bits holds of a number: it wraps."""
    return z3.Extract(bits - 1, 0, x)


def fits(x: z3.BitVecRef, bits: int = 32) -> z3.BoolRef:
    """Whether a register holds a number as it is."""
    return wide(register(x, bits)) == x


def clipped(x: z3.BitVecRef, low: int | z3.BitVecRef, high: int) -> z3.BitVecRef:
    return z3.If(x < low, low if z3.is_expr(low) else number(low), z3.If(x > high, high, x))


def counterexample(claim: z3.BoolRef, *given: z3.BoolRef) -> str | None:
    """Values for which all that is given is true and the claim is not; None if it is proven."""
    solver = z3.Solver()
    solver.set("timeout", 1000 * SECONDS)
    solver.add(*given, z3.Not(claim))
    answer = solver.check()
    assert answer != z3.unknown, f"z3 gives no answer: {solver.reason_unknown()}"
    return str(solver.model()) if answer == z3.sat else None
