/* Arithmetic: mve_sigmoid.h. 16 instructions for 4 elements, one a gather: 30 cycles. */
#include "tanh_s16_mve.h"

#include "mve_sigmoid.h"

void fw_tanh_s16_mve(const uint32_t* table, const int16_t* input, int16_t* output, int32_t count,
                     int32_t multiplier, int32_t right) {
  __asm__ volatile(
      "mov lr, #255\n"
      "vdup.32 q7, lr\n"
      "mov lr, #32768\n"
      "vdup.32 q6, lr\n"
      "wlstp.32 lr, %[count], 2f\n"
      "1:\n" FW_MVE_SIGMOID("8", "0xFF00")
      "vrshr.u32 q5, q5, #8\n"
      "vsub.i32 q5, q5, q6\n"
      "vpt.s32 lt, q0, zr\n"
      "vnegt.s32 q5, q5\n"
      "vstrh.32 q5, [%[output]], #8\n"
      "letp lr, 1b\n"
      "2:\n"
      : [input] "+l"(input), [output] "+l"(output)
      : [table] "l"(table), [count] "r"(count), [multiplier] "r"(multiplier), [down] "r"(-right)
      : "lr", "q0", "q1", "q2", "q3", "q5", "q6", "q7", "memory");
}
