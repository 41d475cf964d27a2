/* out[i] = saturate(zp + round(in[i] / scale)), halves away from zero. There is no division of
 * vectors. The product with 1 / scale as a sum of two floats, of which the larger is added with one
 * rounding, rises with the input as the quotient does. So they agree for all inputs if they do
 * where the output rises, which the build has compared. A NaN becomes 0, as in the reference
 * kernel.
 *
 * 8 elements, two vectors interleaved, take 21 cycles.
 */
#include "quantize_f32_s8_mve.h"

void fw_quantize_f32_s8_mve(const fw_quantize_f32_s8_mve_params* p, const float* restrict input,
                            int8_t* restrict output) {
  __asm__ volatile(
      "wls lr, %[pairs], 2f\n"
      "1:\n"
      "vldrw.32 q0, [%[in]], #16\n"
      "vldrw.32 q2, [%[in]], #16\n"
      "vmul.f32 q1, q0, %[low]\n"
      "vmul.f32 q3, q2, %[low]\n"
      "vfma.f32 q1, q0, %[high]\n"
      "vfma.f32 q3, q2, %[high]\n"
      "vcvta.s32.f32 q1, q1\n"
      "vcvta.s32.f32 q3, q3\n"
      "vqadd.s32 q1, q1, %[zero]\n"
      "vqadd.s32 q3, q3, %[zero]\n"
      "vqmovnb.s32 q1, q1\n"
      "vqmovnb.s32 q3, q3\n"
      "vqmovnb.s16 q1, q1\n"
      "vqmovnb.s16 q3, q3\n"
      "vstrb.32 q1, [%[out]], #4\n"
      "vstrb.32 q3, [%[out]], #4\n"
      "le lr, 1b\n"
      "2:\n"
      "wlstp.32 lr, %[rest], 4f\n"
      "3:\n"
      "vldrw.32 q0, [%[in]], #16\n"
      "vmul.f32 q1, q0, %[low]\n"
      "vfma.f32 q1, q0, %[high]\n"
      "vcvta.s32.f32 q1, q1\n"
      "vqadd.s32 q1, q1, %[zero]\n"
      "vqmovnb.s32 q1, q1\n"
      "vqmovnb.s16 q1, q1\n"
      "vstrb.32 q1, [%[out]], #4\n"
      "letp lr, 3b\n"
      "4:\n"
      : [in] "+l"(input), [out] "+l"(output)
      : [pairs] "r"(p->elements >> 3), [rest] "r"(p->elements & 7), [low] "r"(p->low),
        [high] "r"(p->high), [zero] "r"(p->zero_point)
      : "lr", "q0", "q1", "q2", "q3", "memory");
}
