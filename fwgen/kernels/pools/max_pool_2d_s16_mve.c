/* As the reference kernel, 8 channels at a time, as max_pool_2d_s8_mve.c does 16. */
#include "max_pool_2d_s16_mve.h"

#include "taps.h"

/* Of `channels` channels, at most 8 of which count, over `columns` pixels `step` bytes apart,
 * `rows` times, from the end of one to the next `row_step`. */
static inline void max_of_8_s16(const int16_t* in, int32_t channels, int32_t rows, int32_t columns,
                                int32_t step, int32_t row_step, int16_t* out) {
  __asm__ volatile(
      "vctp.16 %[channels]\n"
      "vmov.i16 q0, #0x8000\n"
      "1:\n"
      "dls lr, %[columns]\n"
      "2:\n"
      "vpst\n"
      "vldrht.u16 q1, [%[in]]\n"
      "add %[in], %[in], %[step]\n"
      "vmax.s16 q0, q0, q1\n"
      "le lr, 2b\n"
      "add %[in], %[in], %[row_step]\n"
      "subs %[rows], %[rows], #1\n"
      "bne 1b\n"
      "vpst\n"
      "vstrht.16 q0, [%[out]]\n"
      : [in] "+r"(in), [rows] "+r"(rows)
      : [columns] "r"(columns), [step] "r"(step), [row_step] "r"(row_step),
        [channels] "r"(channels), [out] "r"(out)
      : "lr", "cc", "q0", "q1", "memory");
}

void fw_max_pool_2d_s16_mve(const fw_max_pool_2d_s16_mve_params* p, const int16_t* input,
                            int16_t* output) {
  for (int32_t b = 0; b < p->batches; b++) {
    const int16_t* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++, output += p->input_c) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
        const int32_t channels = p->input_c, width = columns.end - columns.first;
        const int16_t* first =
            image + ((top + rows.first) * p->input_w + left + columns.first) * channels;
        for (int32_t c = 0; c < channels; c += 8) {
          max_of_8_s16(first + c, channels - c, rows.end - rows.first, width, 2 * channels,
                       2 * (p->input_w - width) * channels, output + c);
        }
      }
    }
  }
}
