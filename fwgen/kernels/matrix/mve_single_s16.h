/* One int16 pixel by a quad of channels, by the rule of sums of 64 bits. */
#ifndef FW_MVE_SINGLE_S16_H
#define FW_MVE_SINGLE_S16_H

#include "mve_matrix_s16.h"

/* clang-format off */
static inline void fw_mve_single_s16(const int8_t* weights, const int16_t* input, int32_t depth, int32_t lanes,
                   int16_t* out) {
  int32_t a0, a1, a2, a3;
  __asm__ volatile(
      "vldrw.32 q4, [%[w]], #16\n"
      "vldrw.32 q5, [%[w]], #16\n"
      FW_MVE_QUAD_SUMS
      "vadd.i32 q0, q0, q4\n"
      "vqrdmulh.s32 q0, q0, q5\n"
      "vqmovnb.s32 q0, q0\n"
      "vpst\n"
      "vstrht.32 q0, [%[out]]\n"
      : [a0] "=&Te"(a0), [a1] "=&Te"(a1), [a2] "=&Te"(a2), [a3] "=&Te"(a3), [w] "+&l"(weights),
        [x] "+&h"(input)
      : [depth] "h"(depth), [lanes] "h"(lanes), [out] "l"(out)
      : "lr", "cc", "q0", "q1", "q2", "q4", "q5", "memory");
}
/* clang-format on */

#endif
