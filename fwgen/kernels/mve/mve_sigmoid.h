/* Sigmoids of int16 in vectors, interpolated as sigmoid_s16.h does it.
 *
 * The table has a word for each of its 256 entries: the entry in the upper half, in the lower one
 * by how much the next is greater, 0 in the last. So what is beyond the table is its last entry,
 * which is 65535: tanh(x) as it shall be; a unit of the result too much for the sigmoid, which is
 * clamped.
 *
 * With p = the result for |x|, that for -|x| is 32768 - p of the sigmoid and -p of tanh: exactly
 * so, as the reference subtracts a unit there before it rounds down.
 */
#ifndef FW_MVE_SIGMOID_H
#define FW_MVE_SIGMOID_H

#include <stdint.h>

#include "mve_required.h"

/* Loads 4 int16 to q0, scaled, and q5 = the table at |q0| in units of 2^-bits entries, with as many
 * fractional bits; rest is what is to be cleared in 16 bits but for these bits. q7 holds 255. */
#define FW_MVE_SIGMOID(bits, rest)          \
  "vldrh.s32 q0, [%[input]], #8\n"          \
  "vmul.i32 q0, q0, %[multiplier]\n"        \
  "vrshl.s32 q0, %[down]\n"                 \
  "vabs.s32 q1, q0\n"                       \
  "vshr.u32 q2, q1, #" bits                 \
  "\n"                                      \
  "vmin.u32 q2, q2, q7\n"                   \
  "vldrw.u32 q3, [%[table], q2, uxtw #2]\n" \
  "vbic.i32 q1, #" rest                     \
  "\n"                                      \
  "vmullb.u16 q1, q3, q1\n"                 \
  "vshllt.u16 q5, q3, #" bits               \
  "\n"                                      \
  "vadd.i32 q5, q5, q1\n"

#endif
