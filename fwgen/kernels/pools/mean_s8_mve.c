/* out = clamp(zp_out + requantize(sum (in - zp_in))), as the reference; sums as mve_channel_sums.h
 * has them, rounding as mve_requantize.h says, with the fix-up where there is a shift to the right.
 */
#include "mean_s8_mve.h"

#include "mve_channel_sums.h"

/* clang-format off */
#define RESCALE(q)                           \
  "vadd.i32 " q ", " q ", %[offset]\n"       \
  "vshl.s32 " q ", %[left]\n"                \
  "vqrdmulh.s32 " q ", " q ", %[multiplier]\n" \
  "vqdmlah.s32 " q ", " q ", %[away]\n"      \
  "vrshl.s32 " q ", %[right]\n"
/* clang-format on */

/* Stores 8 channels at most. */
static inline void store_means(const fw_mean_s8_mve_params* p, const int32_t sums[8],
                               int32_t channels, int8_t* out) {
  const int32_t away = p->right < 0;
  __asm__ volatile(
      "vldrw.32 q0, [%[sums]]\n"
      "vldrw.32 q1, [%[sums], #16]\n"
      RESCALE("q0")
      RESCALE("q1")
      "vctp.16 %[channels]\n"
      "vqmovnb.s32 q0, q0\n"
      "vqmovnt.s32 q0, q1\n"
      "vqadd.s16 q0, q0, %[zero_point]\n"
      "vqmovnb.s16 q0, q0\n"
      "vpst\n"
      "vstrbt.16 q0, [%[out]]\n"
      :
      : [sums] "r"(sums), [channels] "r"(channels), [offset] "h"(p->offset), [left] "h"(p->left),
        [multiplier] "h"(p->output_multiplier), [away] "h"(away), [right] "h"(p->right),
        [zero_point] "r"(p->output_zero_point), [out] "l"(out)
      : "q0", "q1", "memory");
}

#undef RESCALE

/* Of 16 channels from the first on, or of 8 at most. */
static void mean_of_channels(const fw_mean_s8_mve_params* p, const int8_t* first, int32_t channels,
                             int8_t* out) {
  int32_t sums[16];
  fw_clear_sums(sums);
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      fw_add_pixels(first + a * p->reduced_stride[0] + b * p->reduced_stride[1],
                    p->reduced_stride[2], p->reduced[2], channels, sums);
    }
  }
  store_means(p, sums, channels, out);
  if (channels >= 16) store_means(p, sums + 8, 8, out + 8);
}

void fw_mean_s8_mve(const fw_mean_s8_mve_params* p, const int8_t* restrict input,
                    int8_t* restrict output) {
  const int32_t channels = p->channels;
  for (int32_t i = 0; i < p->outer[0]; i++) {
    for (int32_t j = 0; j < p->outer[1]; j++, output += channels) {
      const int8_t* in = input + i * p->outer_stride[0] + j * p->outer_stride[1];
      for (int32_t c = 0; c < channels; c = fw_next_channels(c, channels)) {
        mean_of_channels(p, in + c, channels < 16 ? channels - c : 16, output + c);
      }
    }
  }
}
