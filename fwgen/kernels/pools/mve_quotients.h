/* Means of sums of 32 bits, for MVE: out = (sum + half) / count for sum above 0, else
 * (sum - half) / count, truncated, with half = count / 2.
 *
 * n / count is, of twice both, the upper half of n * multiplier, shifted to the right, with the
 * multiplier 2^(32 + shift) / (2 * count) rounded up. It is by less than 1 too large, and so are
 * the products by less than 2^(32 + shift) for n < 2^31, if 2^(shift + 1) is at least 2 * count.
 * Source: Granlund and Montgomery, "Division by Invariant Integers using Multiplication", 1994.
 */
#ifndef FW_MVE_QUOTIENTS_H
#define FW_MVE_QUOTIENTS_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t half, multiplier, shift; /* the shift as a negative number */
} fw_divisor;

/* divisors: (multiplier, shift) for each count from `least` on. */
static inline fw_divisor fw_divisor_of(const uint32_t* divisors, int32_t count, int32_t least) {
  const uint32_t* const found = divisors + 2 * (count - least);
  return (fw_divisor){count / 2, (int32_t)found[0], -(int32_t)found[1]};
}

/* Sums in q, one of q0 to q3, become means; t is overwritten. */
#define FW_MEANS(q, t)    \
  "vshr.s32 " t ", " q    \
  ", #31\n"               \
  "vabs.s32 " q ", " q    \
  "\n"                    \
  "vadd.i32 " q ", " q    \
  ", %[half]\n"           \
  "vshl.i32 " q ", " q    \
  ", #1\n"                \
  "vmulh.u32 " q ", " q   \
  ", q7\n"                \
  "vshl.u32 " q           \
  ", %[shift]\n"          \
  "veor " q ", " q ", " t \
  "\n"                    \
  "vsub.i32 " q ", " q ", " t "\n"

#endif
