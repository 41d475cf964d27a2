/* 8 values at a time: two loads, one comparison, a store. */
#include "minimum_s16_mve.h"

void fw_minimum_s16_mve(const void* params, const int16_t* input1, const int16_t* input2,
                        int16_t* output, int32_t count) {
  (void)params;
  __asm__ volatile(
      "wlstp.16 lr, %[count], 2f\n"
      "1:\n"
      "vldrh.u16 q0, [%[in1]], #16\n"
      "vldrh.u16 q1, [%[in2]], #16\n"
      "vmin.s16 q0, q0, q1\n"
      "vstrh.16 q0, [%[out]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in1] "+l"(input1), [in2] "+l"(input2), [out] "+l"(output)
      : [count] "r"(count)
      : "lr", "q0", "q1", "memory");
}
