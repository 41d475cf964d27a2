/* Arithmetic: lstm_cell_s16.c; rounding: mve_requantize.h, with the fix-up. 18 instructions and 30
 * cycles for 4 elements.
 */
#include "lstm_cell_s16_mve.h"

#include "mve_required.h"

void fw_lstm_cell_s16_mve(const fw_lstm_cell_s16_params* p, const int16_t* input_gate,
                          const int16_t* forget_gate, const int16_t* cell_gate, int16_t* cell) {
  const int32_t same[4] = {p->least, p->most, p->kept_multiplier, p->kept_shift};
  __asm__ volatile(
      "ldr lr, [%[same], #0]\n"
      "vdup.16 q6, lr\n"
      "ldr lr, [%[same], #4]\n"
      "vdup.16 q7, lr\n"
      "ldr lr, [%[same], #8]\n"
      "vdup.32 q4, lr\n"
      "ldr lr, [%[same], #12]\n"
      "vdup.32 q5, lr\n"
      "wlstp.32 lr, %[count], 2f\n"
      "1:\n"
      "vldrh.s32 q0, [%[forget]], #8\n"
      "vldrh.s32 q1, [%[cell]]\n"
      "vmul.i32 q0, q0, q1\n"
      "vldrh.s32 q2, [%[input]], #8\n"
      "vqrdmulh.s32 q0, q0, q4\n"
      "vldrh.s32 q3, [%[gate]], #8\n"
      "vmul.i32 q2, q2, q3\n"
      "vqdmlah.s32 q0, q0, %[one]\n"
      "vqrdmulh.s32 q2, q2, %[new]\n"
      "vrshl.s32 q0, q0, q5\n"
      "vqdmlah.s32 q2, q2, %[one]\n"
      "vqmovnb.s32 q0, q0\n"
      "vrshl.s32 q2, %[new_shift]\n"
      "vqmovnb.s32 q2, q2\n"
      "vqadd.s16 q0, q0, q2\n"
      "vmax.s16 q0, q0, q6\n"
      "vmin.s16 q0, q0, q7\n"
      "vstrh.32 q0, [%[cell]], #8\n"
      "letp lr, 1b\n"
      "2:\n"
      : [input] "+l"(input_gate), [forget] "+l"(forget_gate), [gate] "+l"(cell_gate),
        [cell] "+l"(cell)
      : [same] "r"(same), [new] "r"(p->new_multiplier), [new_shift] "r"(p->new_shift), [one] "r"(1),
        [count] "r"(p->count)
      : "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
}
