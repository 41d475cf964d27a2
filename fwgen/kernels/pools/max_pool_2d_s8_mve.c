/* As the reference kernel, 16 channels at a time: a load, a maximum and an address per pixel of the
 * window, with the predicate for the last channels 4 instructions and cycles.
 */
#include "max_pool_2d_s8_mve.h"

#include "taps.h"

/* Of `channels` channels, at most 16 of which count, over `columns` pixels `step` bytes apart,
 * `rows` times, from the end of one to the next `row_step`. */
static inline void max_of_16(const int8_t* in, int32_t channels, int32_t rows, int32_t columns,
                             int32_t step, int32_t row_step, int8_t* out) {
  __asm__ volatile(
      "vctp.8 %[channels]\n"
      "vmov.i8 q0, #0x80\n"
      "1:\n"
      "dls lr, %[columns]\n"
      "2:\n"
      "vpst\n"
      "vldrbt.u8 q1, [%[in]]\n"
      "add %[in], %[in], %[step]\n"
      "vmax.s8 q0, q0, q1\n"
      "le lr, 2b\n"
      "add %[in], %[in], %[row_step]\n"
      "subs %[rows], %[rows], #1\n"
      "bne 1b\n"
      "vpst\n"
      "vstrbt.8 q0, [%[out]]\n"
      : [in] "+r"(in), [rows] "+r"(rows)
      : [columns] "r"(columns), [step] "r"(step), [row_step] "r"(row_step),
        [channels] "r"(channels), [out] "r"(out)
      : "lr", "cc", "q0", "q1", "memory");
}

void fw_max_pool_2d_s8_mve(const fw_max_pool_2d_s8_mve_params* p, const int8_t* input,
                           int8_t* output) {
  const int32_t channels = p->input_c;
  for (int32_t b = 0; b < p->batches; b++) {
    const int8_t* image = input + b * p->input_h * p->input_w * channels;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++, output += channels) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
        const int32_t width = columns.end - columns.first;
        const int8_t* first =
            image + ((top + rows.first) * p->input_w + left + columns.first) * channels;
        for (int32_t c = 0; c < channels; c += 16) {
          max_of_16(first + c, channels - c, rows.end - rows.first, width, channels,
                    (p->input_w - width) * channels, output + c);
        }
      }
    }
  }
}
