/* 16 values at a time: two loads, one comparison, a store. */
#include "minimum_s8_mve.h"

void fw_minimum_s8_mve(const void* params, const int8_t* input1, const int8_t* input2,
                       int8_t* output, int32_t count) {
  (void)params;
  __asm__ volatile(
      "wlstp.8 lr, %[count], 2f\n"
      "1:\n"
      "vldrb.8 q0, [%[in1]], #16\n"
      "vldrb.8 q1, [%[in2]], #16\n"
      "vmin.s8 q0, q0, q1\n"
      "vstrb.8 q0, [%[out]], #16\n"
      "letp lr, 1b\n"
      "2:\n"
      : [in1] "+l"(input1), [in2] "+l"(input2), [out] "+l"(output)
      : [count] "r"(count)
      : "lr", "q0", "q1", "memory");
}
