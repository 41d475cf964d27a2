/* As conv_2d_s8_mve.c, part by part.
 *
 * A group of channels is a part whose image has as many columns as there are pixels times groups,
 * of which its windows take one in so many: what is between them is of other groups.
 *
 * A phase of a transposed convolution are the outputs whose rows and columns have one remainder by
 * the strides. All of them see the same taps, so that it is a convolution with stride 1.
 */
#include "conv_2d_parts_s8_mve.h"

#include "mve_windows.h"

static inline int32_t fewest(int32_t a, int32_t b) { return a < b ? a : b; }

static void convolve_part(const fw_conv_2d_parts_s8_mve_params* params, const int8_t* input,
                          const int32_t* weights, fw_matrix* pairs, fw_matrix* rest,
                          int8_t* windows, int8_t* output) {
  const fw_conv_2d_s8_mve_params* const p = &params->conv;
  const int32_t high = p->down ? p->strip : 1, wide = p->down ? 1 : p->strip;
  const int32_t image = p->input_h * p->input_w * p->input_c;
  const int8_t* const end = input + p->batches * image;

  for (int32_t b = 0; b < p->batches; b++, input += image, output += params->output_image) {
    for (int32_t y = 0; y < p->output_h; y += high) {
      const int32_t rows = fewest(high, p->output_h - y);
      for (int32_t x = 0; x < p->output_w; x += wide) {
        const int32_t columns = fewest(wide, p->output_w - x), count = rows * columns;
        if (p->down) {
          gather(p, input, end, y, x, rows, windows);
        } else {
          gather_along(p, input, end, y, x, columns, windows);
        }
        int8_t* const out = output + y * params->output_row + x * params->output_pixel;
        const int32_t paired = count & ~1;
        if (paired > 0) pairs(&p->matrix, windows, 0, paired, weights, out);
        if (paired < count) rest(&p->matrix, windows, paired, 1, weights, out);
      }
    }
  }
}

void fw_conv_2d_parts_s8_mve(const fw_conv_2d_parts_s8_mve_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix* pairs, fw_matrix* rest,
                             uint8_t* scratch, int8_t* output) {
  for (int32_t i = 0; i < p->parts; i++) {
    convolve_part(p, input + i * p->input_step, weights + i * p->weights_step, pairs, rest,
                  (int8_t*)scratch, output + i * p->output_step);
  }
}
