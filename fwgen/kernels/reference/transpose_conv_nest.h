/* out[b,y,x,o] = clamp(zp_out + requantize(bias[o] + sum (in[b,i,j,c] - zp_in) *
 * w[o,y+pad-i*s,x+pad-j*s,c])) over the inputs (i, j) whose window covers the output. An output is
 * gathered from them, so that no sum is kept beside it. One multiplication per tap that is used, of
 * int8 about 7 instructions, and 150 per output; sums are proven at build not to overflow.
 * Elements and products are those of products.h.
 */
#ifndef FW_TRANSPOSE_CONV_NEST_H
#define FW_TRANSPOSE_CONV_NEST_H

#include "products.h"
#include "transpose_conv.h"

/* The inputs from first to before end whose window of `kernel` positions covers position `at`. */
typedef struct {
  int32_t first, end;
} fw_sources;

static fw_sources sources_of(int32_t at, int32_t kernel, int32_t stride, int32_t extent) {
  const int32_t before = at - kernel + stride; /* so that the quotient is that of the first one */
  const int32_t last = at / stride;
  return (fw_sources){before > 0 ? before / stride : 0, last < extent ? last + 1 : extent};
}

/* The sum for one output at (y, x), both with the padding; `weights` are the filter's. */
static fw_sum transpose_conv_sum(const fw_transpose_conv_params* p, const fw_element* image,
                                 const fw_weight* restrict weights, int32_t y, int32_t x,
                                 fw_sources rows, fw_sources columns) {
  fw_sum sum = 0;
  for (int32_t i = rows.first; i < rows.end; i++) {
    for (int32_t j = columns.first; j < columns.end; j++) {
      const fw_element* in = image + (i * p->input_w + j) * p->input_c;
      const int32_t tap = (y - i * p->stride_h) * p->kernel_w + x - j * p->stride_w;
      const fw_weight* w = weights + tap * p->input_c;
      for (int32_t c = 0; c < p->input_c; c++) {
        sum += fw_product(in[c], p->input_zero_point, w[c]);
      }
    }
  }
  return sum;
}

static inline void transpose_conv_nest(const fw_transpose_conv_params* p, const fw_element* input,
                                       const fw_weight* restrict weights,
                                       const fw_sum* restrict bias, fw_scaling scaling,
                                       fw_element* output) {
  const int32_t filter_size = p->kernel_h * p->kernel_w * p->input_c;
  for (int32_t b = 0; b < p->batches; b++) {
    const fw_element* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = p->pad_top; y < p->pad_top + p->output_h; y++) {
      const fw_sources rows = sources_of(y, p->kernel_h, p->stride_h, p->input_h);
      for (int32_t x = p->pad_left; x < p->pad_left + p->output_w; x++) {
        const fw_sources columns = sources_of(x, p->kernel_w, p->stride_w, p->input_w);
        for (int32_t o = 0; o < p->output_c; o++) {
          const fw_sum sum =
              transpose_conv_sum(p, image, weights + o * filter_size, y, x, rows, columns);
          *output++ = fw_output_of(fw_with_bias(sum, bias ? bias[o] : 0), scaling, o,
                                   p->output_zero_point, p->activation_min, p->activation_max);
        }
      }
    }
  }
}

#endif
