/* out[b,y,x,o] = clamp(zp_out + requantize(bias[o] + sum (in[b,i,j,c] - zp_in) *
 * w[o,y+pad-i*s,x+pad-j*s,c])) over the inputs (i, j) whose window covers the output. An output is
 * gathered from them, so that no sum is kept beside it. One multiplication per tap that is used, of
 * int8 about 7 instructions, and 150 per output; sums are proven at build not to overflow.
 * Elements and products are those that products_begin.h names.
 */
#include "products.h"
#include "products_begin.h"
#include "sources.h"
#include "transpose_conv.h"

/* The sum for one output at (y, x), both with the padding; `weights` are the filter's. */
static FW_SUM FW_TYPED(transpose_conv_sum)(const fw_transpose_conv_params* p,
                                           const FW_ELEMENT* image,
                                           const FW_WEIGHT* restrict weights, int32_t y, int32_t x,
                                           fw_sources rows, fw_sources columns) {
  FW_SUM sum = 0;
  for (int32_t i = rows.first; i < rows.end; i++) {
    for (int32_t j = columns.first; j < columns.end; j++) {
      const FW_ELEMENT* in = image + (i * p->input_w + j) * p->input_c;
      const int32_t tap = (y - i * p->stride_h) * p->kernel_w + x - j * p->stride_w;
      const FW_WEIGHT* w = weights + tap * p->input_c;
      for (int32_t c = 0; c < p->input_c; c++) {
        sum += FW_PRODUCT(in[c], p->input_zero_point, w[c]);
      }
    }
  }
  return sum;
}

static inline void FW_TYPED(transpose_conv_nest)(const fw_transpose_conv_params* p,
                                                 const FW_ELEMENT* input,
                                                 const FW_WEIGHT* restrict weights,
                                                 const FW_SUM* restrict bias, FW_SCALING scaling,
                                                 FW_ELEMENT* output) {
  const int32_t filter_size = p->kernel_h * p->kernel_w * p->input_c;
  for (int32_t b = 0; b < p->batches; b++) {
    const FW_ELEMENT* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = p->pad_top; y < p->pad_top + p->output_h; y++) {
      const fw_sources rows = fw_sources_of(y, p->kernel_h, p->stride_h, p->input_h);
      for (int32_t x = p->pad_left; x < p->pad_left + p->output_w; x++) {
        const fw_sources columns = fw_sources_of(x, p->kernel_w, p->stride_w, p->input_w);
        for (int32_t o = 0; o < p->output_c; o++) {
          const FW_SUM sum = FW_TYPED(transpose_conv_sum)(p, image, weights + o * filter_size, y, x,
                                                          rows, columns);
          *output++ = FW_OUTPUT_OF(FW_WITH_BIAS(sum, bias ? bias[o] : 0), scaling, o,
                                   p->output_zero_point, p->activation_min, p->activation_max);
        }
      }
    }
  }
}

#include "products_end.h"
