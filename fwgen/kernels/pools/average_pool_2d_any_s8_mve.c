/* As the reference kernel, with sums as mve_channel_sums.h has them and quotients as
 * mve_quotients.h says.
 */
#include "average_pool_2d_any_s8_mve.h"

#include "mve_channel_sums.h"
#include "mve_quotients.h"
#include "taps.h"

/* Stores 8 channels at most. */
static inline void store_quotients(const fw_divisor* by, const int32_t sums[8], int32_t channels,
                                   int8_t* out) {
  __asm__ volatile(
      "vdup.32 q7, %[multiplier]\n"
      "vldrw.32 q0, [%[sums]]\n"
      "vldrw.32 q1, [%[sums], #16]\n" FW_MEANS("q0", "q2") FW_MEANS("q1", "q3")
      "vctp.16 %[channels]\n"
      "vqmovnb.s32 q0, q0\n"
      "vqmovnt.s32 q0, q1\n"
      "vpst\n"
      "vstrbt.16 q0, [%[out]]\n"
      :
      : [sums] "r"(sums), [channels] "r"(channels), [multiplier] "r"(by->multiplier),
        [half] "r"(by->half), [shift] "r"(by->shift), [out] "l"(out)
      : "q0", "q1", "q2", "q3", "q7", "memory");
}

/* A window of `rows` times `columns` pixels. */
static void mean_of_pixels(const fw_average_pool_2d_any_s8_mve_params* p, const int8_t* first,
                           int32_t rows, int32_t columns, const uint32_t* restrict divisors,
                           int8_t* out) {
  const int32_t channels = p->input_c;
  const fw_divisor by = fw_divisor_of(divisors, rows * columns, p->least);
  if (columns == p->input_w) { /* whole rows are one */
    columns *= rows;
    rows = 1;
  }
  for (int32_t c = 0; c < channels; c = fw_next_channels(c, channels)) {
    const int32_t some = channels < 16 ? channels - c : 16;
    int32_t sums[16];
    fw_clear_sums(sums);
    for (int32_t row = 0; row < rows; row++) {
      fw_add_pixels(first + row * p->input_w * channels + c, channels, columns, some, sums);
    }
    store_quotients(&by, sums, some, out + c);
    if (some >= 16) store_quotients(&by, sums + 8, 8, out + c + 8);
  }
}

void fw_average_pool_2d_any_s8_mve(const fw_average_pool_2d_any_s8_mve_params* p,
                                   const int8_t* input, const uint32_t* restrict divisors,
                                   int8_t* output) {
  for (int32_t b = 0; b < p->batches; b++) {
    const int8_t* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++, output += p->input_c) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
        mean_of_pixels(
            p, image + ((top + rows.first) * p->input_w + left + columns.first) * p->input_c,
            rows.end - rows.first, columns.end - columns.first, divisors, output);
      }
    }
  }
}
