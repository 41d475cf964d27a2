/* Arithmetic: mve_matrix.h; layout: matrix_thin_s8_mve.h. An input is multiplied with 8 channels at
 * a time, 4 in 32 bits each: per input 3 loads and 2 multiply-accumulates, 5 cycles. Depths that
 * fill no vector need no padding, and sums no reduction: a block adds some 30 cycles.
 */
#include "matrix_thin_s8_mve.h"

#include "mve_requantize.h"

/* clang-format off */
static void thin_pixel(const fw_matrix_params* p, const int8_t* input, const int32_t* weights,
                      int8_t* output) {
  const int32_t* blocks = weights + 2;
  int32_t left = p->channels; /* from this block on, 8 or more are 8 */
  const int8_t* x;
  int32_t value;
  __asm__ volatile(
      "1:\n"
      "vldrw.32 q3, [%[w]], #16\n"
      "mov %[x], %[input]\n"
      "vldrw.32 q4, [%[w]], #16\n"
      "dls lr, %[depth]\n"
      "2:\n"
      "ldrsb %[value], [%[x]], #1\n"
      "vldrb.s32 q0, [%[w]], #4\n"
      "vmla.s32 q3, q0, %[value]\n"
      "vldrb.s32 q1, [%[w]], #4\n"
      "vmla.s32 q4, q1, %[value]\n"
      "le lr, 2b\n"
      FW_MVE_SCALE("q3", "%[multiplier]") FW_MVE_SCALE("q4", "%[multiplier]")
      FW_MVE_SIGN("q0", "q3") FW_MVE_SIGN("q1", "q4")
      FW_MVE_LESS("q3", "q0") FW_MVE_LESS("q4", "q1")
      FW_MVE_SHIFT_ALL("q3", "%[shift]") FW_MVE_SHIFT_ALL("q4", "%[shift]")
      FW_MVE_HALF_B("q3", "q3") FW_MVE_HALF_T("q3", "q4")
      "vctp.16 %[left]\n"
      "vqadd.s16 q3, q3, %[zero]\n" FW_MVE_BYTE_B("q3", "q3")
      "subs %[left], %[left], #8\n"
      "vpst\n"
      "vstrbt.16 q3, [%[out]], #8\n"
      "bgt 1b\n"
      : [w] "+l"(blocks), [x] "=&r"(x), [out] "+l"(output), [left] "+l"(left),
        [value] "=&r"(value)
      : [input] "h"(input), [depth] "h"(p->depth), [zero] "h"(p->zero_point),
        [multiplier] "h"(weights[0]), [shift] "r"(weights[1])
      : "lr", "q0", "q1", "q3", "q4", "cc", "memory");
}
/* clang-format on */

void fw_matrix_thin_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t first,
                           int32_t count, const int32_t* weights, int8_t* output) {
  for (int32_t pixel = first; pixel < first + count; pixel++) {
    thin_pixel(p, input + pixel * p->input_pitch, weights, output + pixel * p->output_pitch);
  }
}
