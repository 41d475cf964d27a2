/* values[i] = min(max(values[i], low), high): a load, a maximum, a minimum and a store per 8
 * values, which the load/store unit limits to 4 cycles.
 */
#include "clamp_s16_mve.h"

void fw_clamp_s16_mve(int16_t* values, int32_t low, int32_t high, int32_t count) {
  __asm__ volatile(
      "vdup.16 q1, %[low]\n"
      "vdup.16 q2, %[high]\n"
      "wlstp.16 lr, %[count], 2f\n"
      "1:\n"
      "vldrh.u16 q0, [%[values]]\n"
      "vmax.s16 q0, q0, q1\n"
      "vmin.s16 q0, q0, q2\n"
      "vstrh.16 q0, [%[values]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [values] "+r"(values)
      : [low] "r"(low), [high] "r"(high), [count] "r"(count)
      : "lr", "q0", "q1", "q2", "memory");
}
