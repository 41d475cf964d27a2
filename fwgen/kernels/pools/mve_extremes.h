/* Reductions to an extreme. The includer defines FW_EXTREME(name) for names of its own, FW_START,
 * which no element is beyond, and the instructions: FW_OF_RUN for the extreme of a vector and a
 * number, FW_OF_TWO for that of two vectors.
 */
#include "mve_runs.h"

/* Of all elements along the reduced axes, the last of which is dense. */
static int8_t FW_EXTREME(extreme_at)(const fw_reduction_params* p, const int8_t* first) {
  int32_t best = FW_START;
  for (int32_t a = 0; a < p->reduced_size[0]; a++) {
    for (int32_t b = 0; b < p->reduced_size[1]; b++) {
      const int8_t* in = first + a * p->reduced_stride[0] + b * p->reduced_stride[1];
      FW_STEP_RUN(FW_OF_RUN, in, p->reduced_size[2], best);
    }
  }
  return (int8_t)best;
}

/* Of 16 channels at most, into the output, where the extreme so far is. */
static inline void FW_EXTREME(extremes_of)(const int8_t* in, int32_t step, int32_t count,
                                           int32_t channels, int8_t* out) {
  __asm__ volatile(
      "vctp.8 %[channels]\n"
      "vpst\n"
      "vldrbt.u8 q0, [%[out]]\n"
      "dls lr, %[n]\n"
      "1:\n"
      "vpst\n"
      "vldrbt.u8 q1, [%[in]]\n"
      "add %[in], %[in], %[step]\n" FW_OF_TWO
      " q0, q0, q1\n"
      "le lr, 1b\n"
      "vpst\n"
      "vstrbt.8 q0, [%[out]]\n"
      : [in] "+r"(in)
      : [n] "r"(count), [step] "r"(step), [channels] "r"(channels), [out] "r"(out)
      : "lr", "q0", "q1", "memory");
}

/* Of `channels` elements that are kept and follow one another. */
static void FW_EXTREME(reduce_channels)(const fw_reduction_params* p, const int8_t* first,
                                        int32_t channels, int8_t* out) {
  for (int32_t c = 0; c < channels; c++) out[c] = FW_START;
  for (int32_t a = 0; a < p->reduced_size[0]; a++) {
    for (int32_t b = 0; b < p->reduced_size[1]; b++) {
      const int8_t* in = first + a * p->reduced_stride[0] + b * p->reduced_stride[1];
      for (int32_t c = 0; c < channels; c += 16) {
        FW_EXTREME(extremes_of)(in + c, p->reduced_stride[2], p->reduced_size[2], channels - c,
                                out + c);
      }
    }
  }
}

static inline void FW_EXTREME(reduce)(const fw_reduction_params* p, const int8_t* input,
                                      int8_t* output) {
  const int32_t dense = p->kept_stride[2] == 1;
  for (int32_t i = 0; i < p->kept_size[0]; i++) {
    for (int32_t j = 0; j < p->kept_size[1]; j++) {
      const int8_t* in = input + i * p->kept_stride[0] + j * p->kept_stride[1];
      if (dense) {
        FW_EXTREME(reduce_channels)(p, in, p->kept_size[2], output);
        output += p->kept_size[2];
        continue;
      }
      for (int32_t k = 0; k < p->kept_size[2]; k++, in += p->kept_stride[2]) {
        *output++ = FW_EXTREME(extreme_at)(p, in);
      }
    }
  }
}

#undef FW_START
#undef FW_OF_RUN
#undef FW_OF_TWO
#undef FW_EXTREME
