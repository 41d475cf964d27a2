"""Costs of the matrix kernels, by name: estimates of the cycles that each takes."""

from __future__ import annotations

from fwgen.contract.call import Function
from fwgen.kernels.matrix.packing import BLOCK, LANES

PAIRS = {1: (77, 69), 2: (111, 103), 3: (139, 131), 4: (167, 159), 8: (281,), 9: (314, 309)}
"""Estimated cycles of two pixels and a block by vectors of depth; without the fix-up if possible.

Each of these depths has a kernel of its own. Other depths have two kernels with loops, from 4 and
from 8 vectors on.
"""

RELU = tuple(vectors for vectors, cycles in PAIRS.items() if len(cycles) > 1)
"""Depths whose kernel for pairs has a variant without the rounding fix-up."""

LOOPED = {4: 182, 8: 294}
"""The same of the kernels that loop, for 4 and 8 vectors; 32 for each further one."""

REST = Function("fw_matrix_row_s8_mve")
"""The kernel for single pixels, of any depth."""


SINGLE = Function("fw_matrix_single_s8_mve")
SINGLE_UNIFORM = Function("fw_matrix_single_uniform_s8_mve")
"""Kernels for one pixel of a multiple of 32 inputs, 128 or more; the other for one scale of all
channels."""

THIN = Function("fw_matrix_thin_s8_mve")
"""The kernel for single pixels of few inputs and one scale of all channels."""

ANY = Function("fw_matrix_any_s8_mve")
"""The kernel for single pixels of any depth, scales and biases."""


S16, S16_NARROW = Function("fw_matrix_s16_mve"), Function("fw_matrix_s16_s32_mve")
"""Kernels for int16 pixels, by the rules of sums of 64 and of 32 bits."""

S16_8, S16_8_NARROW = Function("fw_matrix_8_s16_mve"), Function("fw_matrix_8_s16_s32_mve")
"""The same for pixels of 49 to 64 inputs."""

OF_S16 = {S16: 21, S16_NARROW: 28, S16_8: 9, S16_8_NARROW: 13}
"""Estimated cycles of two int16 pixels and 4 channels, beyond 34 for each 16 inputs."""


def vectors_of(depth: int) -> int:
    """Vectors of 16 values that ``depth`` inputs take."""
    return -(-depth // LANES)


def cost_of(kernel: Function, count: int, depth: int, channels: int) -> float:
    """Estimated cycles of a kernel for ``count`` pixels; ``depth`` and ``channels`` in bytes."""
    if kernel == THIN:
        return cost_of_thin(count, depth, channels)
    if kernel in (SINGLE, SINGLE_UNIFORM):
        return cost_of_single(depth, channels, kernel == SINGLE_UNIFORM)
    if kernel == REST:
        return cost_of_rest(count, depth, channels)
    if kernel == ANY:
        return count * (-(-channels // 4) * (10.0 * vectors_of(depth) + 40.0) + 30.0)
    if kernel in OF_S16:
        return cost_of_s16(count, depth // 2, channels // 2, OF_S16[kernel])
    return cost_of_pairs(count, depth, channels, "_relu" in kernel.name)


def cost_of_s16(count: int, depth: int, channels: int, beyond: int) -> float:
    """Estimated cycles for ``count`` int16 pixels, an even number of them in pairs."""
    if count % 2:
        single = cost_of_single_s16(1, depth, channels)
        return cost_of_s16(count - 1, depth, channels, beyond) + single
    step = beyond + 34.0 * -(-depth // 16)
    cycles = channels // 4 * (count / 2 * step + 70.0) if count else 0.0
    return cycles + (0.0 if channels % 4 == 0 else cost_of_single_s16(count, depth, 1))


def cost_of_single_s16(count: int, depth: int, channels: int) -> float:
    """Estimated cycles for ``count`` int16 pixels one by one."""
    return count * -(-channels // 4) * (10.0 * -(-depth // 8) + 45.0)


def cost_of_pairs(count: int, depth: int, channels: int, hidden: bool) -> float:
    """Estimated cycles for ``count`` pixels, an even number."""
    vectors, blocks = vectors_of(depth), -(-channels // BLOCK)
    if vectors in PAIRS:
        cycles = PAIRS[vectors][-1 if hidden else 0]
    else:
        unrolled = 4 if vectors < 10 else 8
        cycles = LOOPED[unrolled] + 32 * (vectors - unrolled)
    return blocks * (count / 2 * cycles + 110.0) + 60.0 if count else 0.0


def cost_of_rest(count: int, depth: int, channels: int) -> float:
    """Estimated cycles for ``count`` single pixels."""
    blocks = -(-channels // BLOCK)
    return count * (blocks * (20.0 * vectors_of(depth) + 56.0) + 40.0)


def cost_of_single(depth: int, channels: int, uniform: bool) -> float:
    """Estimated cycles for one pixel of a multiple of 32 inputs, 128 or more."""
    blocks, beyond = -(-channels // BLOCK), vectors_of(depth) - 8
    return blocks * ((168.0 if uniform else 173.0) + 18.0 * beyond) + 100.0


def cost_of_thin(count: int, depth: int, channels: int) -> float:
    """Estimated cycles for ``count`` pixels of few inputs."""
    return count * (-(-channels // BLOCK) * (5.0 * depth + 36.0) + 40.0)
