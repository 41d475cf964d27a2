/* Requantization of four 32-bit sums in a vector register, as lines of inline assembly for the
 * kernels that use M-profile vector instructions (MVE). Each line rescales like fw_requantize, bit
 * for bit, under the conditions stated; the build proves them before it selects such a kernel.
 *
 * Arguments are register names in quotes ("q3", or an operand as "%q[x]"). A sum takes, in order,
 *   vadd.i32 x, x, bias      the bias holds -input_zero_point * sum of weights as well
 *   FW_MVE_SCALE(x, m)       x = round(x * m / 2^31), halves up: what the reference does as well,
 *                            whose nudge of 1 - 2^30 below zero and truncation amount to the same
 *   FW_MVE_AWAY(x, t)        only where a negative result can show, see below
 *   FW_MVE_SHIFT(x, s)       x = round(x * 2^s), s <= 0, halves up
 * where bias, m and s hold one value per lane.
 *
 * The last rounding differs from the reference for negative halves, which it rounds away from zero:
 * x * 2^s - 1/2 instead of x * 2^s + 1/2 in front of the floor, less one unit of x. FW_MVE_AWAY
 * subtracts that unit from negative x. Conditions: s <= -1 in every lane, or m = 0 (then x is 0);
 * |sum| < 2^31, so that |x| < 2^31 and the subtraction cannot wrap.
 *
 * It may be left out where the output is clamped from below at its zero point: x * 2^s is a half
 * below zero only if x < 0, and then the result is at most 0 with or without it.
 */
#ifndef FW_MVE_REQUANTIZE_H
#define FW_MVE_REQUANTIZE_H

#include "mve_required.h"

#define FW_MVE_SCALE(x, m) "vqrdmulh.s32 " x ", " x ", " m "\n"
#define FW_MVE_SHIFT(x, s) "vrshl.s32 " x ", " x ", " s "\n"

/* One shift of all lanes, in a core register. FW_MVE_SCALE takes one as well. */
#define FW_MVE_SHIFT_ALL(x, s) "vrshl.s32 " x ", " s "\n"

/* The bias of a word of bias * 2^8 and, in its low byte, the shift: all that FW_MVE_SHIFT reads. */
#define FW_MVE_BIAS(d, word) "vshr.s32 " d ", " word ", #8\n"

/* t is overwritten. The two halves, for kernels that put other work in between: */
#define FW_MVE_SIGN(t, x) "vshr.s32 " t ", " x ", #31\n"
#define FW_MVE_LESS(x, t) "vadd.i32 " x ", " x ", " t "\n"
#define FW_MVE_AWAY(x, t) FW_MVE_SIGN(t, x) FW_MVE_LESS(x, t)

/* The same in one instruction of the multiplier, for a core register that holds 1:
 *   vqdmlah.s32 x, x, one    x = (x * 2^32 + 2 * x * one) / 2^32 rounded down
 */

/* Saturate to 16 bits into the lower (B) or upper (T) halves of the 32-bit lanes of d. */
#define FW_MVE_HALF_B(d, x) "vqmovnb.s32 " d ", " x "\n"
#define FW_MVE_HALF_T(d, x) "vqmovnt.s32 " d ", " x "\n"

/* Saturate 16-bit lanes to 8 bits into the lower bytes of the 16-bit lanes of d. */
#define FW_MVE_BYTE_B(d, x) "vqmovnb.s16 " d ", " x "\n"

#endif
