/* As the reference kernel, with quotients as mve_quotients.h says. 8 channels at a time take 2
 * loads that widen and 2 additions for a pixel of the window, with the address 7 cycles; 4 channels
 * of what is left 5.
 */
#include "average_pool_2d_s16_mve.h"

#include "mve_quotients.h"
#include "taps.h"

/* The part of a window that is inside the input: from the end of a row to the next `row_step`
 * bytes. */
typedef struct {
  const int16_t* first;
  int32_t rows, columns, step, row_step;
} s16_window;

static inline void mean_of_8_s16(const s16_window* w, int32_t channel, const fw_divisor* by,
                                 int16_t* out) {
  const int16_t* in = w->first + channel;
  int32_t rows = w->rows;
  __asm__ volatile(
      "vdup.32 q7, %[multiplier]\n"
      "vmov.i32 q0, #0\n"
      "vmov.i32 q1, #0\n"
      "1:\n"
      "dls lr, %[columns]\n"
      "2:\n"
      "vldrh.s32 q2, [%[in]]\n"
      "vldrh.s32 q3, [%[in], #8]\n"
      "add %[in], %[in], %[step]\n"
      "vadd.i32 q0, q0, q2\n"
      "vadd.i32 q1, q1, q3\n"
      "le lr, 2b\n"
      "add %[in], %[in], %[row_step]\n"
      "subs %[rows], %[rows], #1\n"
      "bne 1b\n" FW_MEANS("q0", "q2") FW_MEANS("q1", "q3")
      "vstrh.32 q0, [%[out]]\n"
      "vstrh.32 q1, [%[out], #8]\n"
      : [in] "+l"(in), [rows] "+r"(rows)
      : [columns] "h"(w->columns), [step] "h"(w->step), [row_step] "h"(w->row_step),
        [multiplier] "r"(by->multiplier), [half] "h"(by->half), [shift] "h"(by->shift),
        [out] "l"(out + channel)
      : "lr", "cc", "q0", "q1", "q2", "q3", "q7", "memory");
}

/* Of `channels` channels, 4 of which count at most. */
static inline void mean_of_4_s16(const s16_window* w, int32_t channel, int32_t channels,
                                 const fw_divisor* by, int16_t* out) {
  const int16_t* in = w->first + channel;
  int32_t rows = w->rows;
  __asm__ volatile(
      "vdup.32 q7, %[multiplier]\n"
      "vctp.32 %[channels]\n"
      "vmov.i32 q0, #0\n"
      "1:\n"
      "dls lr, %[columns]\n"
      "2:\n"
      "vpst\n"
      "vldrht.s32 q2, [%[in]]\n"
      "add %[in], %[in], %[step]\n"
      "vadd.i32 q0, q0, q2\n"
      "le lr, 2b\n"
      "add %[in], %[in], %[row_step]\n"
      "subs %[rows], %[rows], #1\n"
      "bne 1b\n" FW_MEANS("q0", "q2")
      "vpst\n"
      "vstrht.32 q0, [%[out]]\n"
      : [in] "+l"(in), [rows] "+r"(rows)
      : [columns] "h"(w->columns), [step] "h"(w->step), [row_step] "h"(w->row_step),
        [multiplier] "r"(by->multiplier), [half] "h"(by->half), [shift] "h"(by->shift),
        [channels] "r"(channels), [out] "l"(out + channel)
      : "lr", "cc", "q0", "q2", "q7", "memory");
}

void fw_average_pool_2d_s16_mve(const fw_average_pool_2d_s16_mve_params* p, const int16_t* input,
                                const uint32_t* restrict divisors, int16_t* output) {
  for (int32_t b = 0; b < p->batches; b++) {
    const int16_t* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++, output += p->input_c) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
        const int32_t channels = p->input_c, width = columns.end - columns.first;
        const s16_window w = {
            image + ((top + rows.first) * p->input_w + left + columns.first) * channels,
            rows.end - rows.first, width, 2 * channels, 2 * (p->input_w - width) * channels};
        const fw_divisor by = fw_divisor_of(divisors, w.rows * width, p->least);
        int32_t c = 0;
        for (; c <= channels - 8; c += 8) mean_of_8_s16(&w, c, &by, output);
        for (; c < channels; c += 4) mean_of_4_s16(&w, c, channels - c, &by, output);
      }
    }
  }
}
