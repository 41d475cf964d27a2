/* The first place of a value that is known to be there, for MVE: 16 elements in 9 cycles. */
#ifndef FW_MVE_PLACES_H
#define FW_MVE_PLACES_H

#include <stdint.h>

#include "mve_required.h"

/* Of `left` values, which are compared until one is equal: the first of a vector is the least bit
 * of the predicate. */
static inline int32_t fw_first_place(const int8_t* values, int32_t left, int32_t value) {
  const int8_t* at = values;
  uint32_t equal;
  __asm__ volatile(
      "1:\n"
      "vctp.8 %[left]\n"
      "subs %[left], %[left], #16\n"
      "vpst\n"
      "vldrbt.u8 q0, [%[at]], #16\n"
      "vpst\n"
      "vcmpt.i8 eq, q0, %[value]\n"
      "vmrs %[equal], p0\n"
      "cmp %[equal], #0\n"
      "beq 1b\n"
      "rbit %[equal], %[equal]\n"
      "clz %[equal], %[equal]\n"
      : [at] "+l"(at), [left] "+r"(left), [equal] "=&r"(equal)
      : [value] "r"(value)
      : "q0", "cc", "memory");
  return (int32_t)(at - values) - 16 + (int32_t)equal;
}

#endif
