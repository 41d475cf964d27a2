/* As the reference kernel. A window has at most 256 values, so that its sum fits in 16 bits. The
 * quotient of the magnitude plus half the number of values is a multiplication and a shift, which
 * the build has compared with the division for every sum. The sign comes back by x ^ -1 - -1.
 *
 * 16 channels at a time: two loads that widen and two additions per pixel of the window, with the
 * address 5 instructions and cycles. 8 channels at a time where there are fewer than 16.
 */
#include "average_pool_2d_s8_mve.h"

#include <stddef.h>

#include "taps.h"

/* The part of a window inside the input: `columns` pixels `step` bytes apart, `rows` times, from
 * the end of one to the next `row_step`. */
typedef struct {
  const int8_t* first;
  int32_t rows, columns, step, row_step;
  int32_t half, multiplier, shift;
} part;

static inline void mean_of_16(const part* w, int32_t channel, int8_t* out) {
  const int8_t* in = w->first + channel;
  int32_t rows = w->rows;
  __asm__ volatile(
      "vmov.i32 q0, #0\n"
      "vmov.i32 q1, #0\n"
      "1:\n"
      "dls lr, %[columns]\n"
      "2:\n"
      "vldrb.s16 q2, [%[in]]\n"
      "vldrb.s16 q3, [%[in], #8]\n"
      "add %[in], %[in], %[step]\n"
      "vadd.i16 q0, q0, q2\n"
      "vadd.i16 q1, q1, q3\n"
      "le lr, 2b\n"
      "add %[in], %[in], %[row_step]\n"
      "subs %[rows], %[rows], #1\n"
      "bne 1b\n"
      "ldr %[rows], [%[w], %[multiplier]]\n"
      "ldr %[in], [%[w], %[half]]\n"
      "vdup.16 q4, %[rows]\n"
      "ldr %[rows], [%[w], %[shift]]\n"
      "vshr.s16 q2, q0, #15\n"
      "vabs.s16 q0, q0\n"
      "vadd.i16 q0, q0, %[in]\n"
      "vrmulh.u16 q0, q0, q4\n"
      "vshl.u16 q0, %[rows]\n"
      "veor q0, q0, q2\n"
      "vsub.i16 q0, q0, q2\n"
      "vshr.s16 q3, q1, #15\n"
      "vabs.s16 q1, q1\n"
      "vadd.i16 q1, q1, %[in]\n"
      "vrmulh.u16 q1, q1, q4\n"
      "vshl.u16 q1, %[rows]\n"
      "veor q1, q1, q3\n"
      "vsub.i16 q1, q1, q3\n"
      "vstrb.16 q0, [%[out]]\n"
      "vstrb.16 q1, [%[out], #8]\n"
      : [in] "+l"(in), [rows] "+r"(rows)
      : [columns] "h"(w->columns), [step] "h"(w->step), [row_step] "h"(w->row_step), [w] "r"(w),
        [half] "i"(offsetof(part, half)), [multiplier] "i"(offsetof(part, multiplier)),
        [shift] "i"(offsetof(part, shift)), [out] "l"(out + channel)
      : "lr", "cc", "q0", "q1", "q2", "q3", "q4", "memory");
}

/* Of `channels` channels, 1 to 8. */
static inline void mean_of_8(const part* w, int32_t channel, int32_t channels, int8_t* out) {
  const int8_t* in = w->first + channel;
  int32_t rows = w->rows;
  __asm__ volatile(
      "vctp.16 %[channels]\n"
      "vmov.i32 q0, #0\n"
      "1:\n"
      "dls lr, %[columns]\n"
      "2:\n"
      "vpst\n"
      "vldrbt.s16 q2, [%[in]]\n"
      "add %[in], %[in], %[step]\n"
      "vadd.i16 q0, q0, q2\n"
      "le lr, 2b\n"
      "add %[in], %[in], %[row_step]\n"
      "subs %[rows], %[rows], #1\n"
      "bne 1b\n"
      "ldr %[rows], [%[w], %[multiplier]]\n"
      "ldr %[in], [%[w], %[half]]\n"
      "vdup.16 q4, %[rows]\n"
      "ldr %[rows], [%[w], %[shift]]\n"
      "vshr.s16 q2, q0, #15\n"
      "vabs.s16 q0, q0\n"
      "vadd.i16 q0, q0, %[in]\n"
      "vrmulh.u16 q0, q0, q4\n"
      "vshl.u16 q0, %[rows]\n"
      "veor q0, q0, q2\n"
      "vsub.i16 q0, q0, q2\n"
      "vpst\n"
      "vstrbt.16 q0, [%[out]]\n"
      : [in] "+l"(in), [rows] "+r"(rows)
      : [columns] "h"(w->columns), [step] "h"(w->step), [row_step] "h"(w->row_step), [w] "r"(w),
        [half] "i"(offsetof(part, half)), [multiplier] "i"(offsetof(part, multiplier)),
        [shift] "i"(offsetof(part, shift)), [out] "l"(out + channel), [channels] "r"(channels)
      : "lr", "cc", "q0", "q2", "q4", "memory");
}

static void mean_of_window(const fw_average_pool_2d_s8_mve_params* p, const int8_t* image,
                           fw_taps rows, fw_taps columns, int32_t top, int32_t left,
                           const uint16_t* divisors, int8_t* out) {
  const int32_t count = (rows.end - rows.first) * (columns.end - columns.first);
  const uint16_t* divisor = divisors + 2 * (count - p->least);
  part w = {
      .first = image + ((top + rows.first) * p->input_w + left + columns.first) * p->input_c,
      .rows = rows.end - rows.first,
      .columns = columns.end - columns.first,
      .step = p->input_c,
      .half = count / 2,
      .multiplier = divisor[0],
      .shift = -divisor[1],
  };
  w.row_step = (p->input_w - w.columns) * p->input_c;
  if (w.row_step == 0) { /* whole rows are one */
    w.columns = count;
    w.rows = 1;
  }
  int32_t c = 0;
  for (; c <= p->input_c - 16; c += 16) mean_of_16(&w, c, out);
  if (c < p->input_c && p->input_c > 16) {
    mean_of_16(&w, p->input_c - 16, out);
  } else {
    for (; c < p->input_c; c += 8) mean_of_8(&w, c, p->input_c - c, out);
  }
}

void fw_average_pool_2d_s8_mve(const fw_average_pool_2d_s8_mve_params* p, const int8_t* input,
                               const uint16_t* restrict divisors, int8_t* output) {
  for (int32_t b = 0; b < p->batches; b++) {
    const int8_t* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++, output += p->input_c) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
        mean_of_window(p, image, rows, columns, top, left, divisors, output);
      }
    }
  }
}
