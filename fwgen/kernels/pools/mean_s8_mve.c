/* out = clamp(zp_out + requantize(sum (in - zp_in))), as the reference; rounding as
 * mve_requantize.h says, with the fix-up. 4 channels at a time in 32 bits: a load that widens, an
 * addition and the address per pixel, with the predicate for the last channels 4 instructions and
 * cycles.
 */
#include "mean_s8_mve.h"

void fw_mean_s8_mve(const fw_mean_s8_mve_params* p, const int8_t* restrict input,
                    int8_t* restrict output) {
  const int32_t one = 1;
  for (int32_t b = 0; b < p->batches; b++) {
    for (int32_t c = 0; c < p->channels; c += 4) {
      const int8_t* in = input + b * p->count * p->channels + c;
      __asm__ volatile(
          "vctp.32 %[channels]\n"
          "vmov.i32 q0, #0\n"
          "dls lr, %[count]\n"
          "1:\n"
          "vpst\n"
          "vldrbt.s32 q1, [%[in]]\n"
          "add %[in], %[in], %[step]\n"
          "vadd.i32 q0, q0, q1\n"
          "le lr, 1b\n"
          "vadd.i32 q0, q0, %[offset]\n"
          "vqrdmulh.s32 q0, q0, %[multiplier]\n"
          "vqdmlah.s32 q0, q0, %[one]\n"
          "vrshl.s32 q0, %[shift]\n"
          "vqmovnb.s32 q0, q0\n"
          "vqadd.s16 q0, q0, %[zero_point]\n"
          "vqmovnb.s16 q0, q0\n"
          "vpst\n"
          "vstrbt.32 q0, [%[out]]\n"
          : [in] "+l"(in)
          : [channels] "r"(p->channels - c), [count] "r"(p->count), [step] "r"(p->channels),
            [offset] "h"(p->offset), [multiplier] "h"(p->output_multiplier), [one] "h"(one),
            [shift] "h"(p->output_shift), [zero_point] "h"(p->output_zero_point),
            [out] "l"(output + b * p->channels + c)
          : "lr", "q0", "q1", "memory");
    }
  }
}
