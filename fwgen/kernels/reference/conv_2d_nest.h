/* out[b,y,x,o] = clamp(zp_out + requantize(bias[o] + sum (in[b,y*s+ky*d,x*s+kx*d,c] - zp_in) *
 * w[o,ky,kx,c])) where taps outside the input contribute nothing. One multiplication per tap and
 * output; sums are proven at build not to overflow. Of int8 about 7 instructions per
 * multiplication, 18 per pixel and filter tap, 110 per output. Names in capitals are those
 * of products_begin.h.
 */
#include "conv_2d.h"
#include "products.h"
#include "products_begin.h"
#include "taps.h"

/* The sum for one output: `input` is the image from the group's first channel on, `weights` the
 * filter of the output, (top, left) the window's origin, `rows` and `columns` its taps inside. */
static FW_SUM FW_TYPED(conv_window_sum)(const fw_conv_2d_params* p,
                                        const FW_ELEMENT* restrict input,
                                        const FW_WEIGHT* restrict weights, int32_t top,
                                        int32_t left, fw_taps rows, fw_taps columns) {
  const int32_t zero_point = p->input_zero_point;
  const int32_t channels = p->kernel_c;
  FW_SUM sum = 0;
  for (int32_t ky = rows.first; ky < rows.end; ky++) {
    const int32_t row = (top + ky * p->dilation_h) * p->input_w + left;
    for (int32_t kx = columns.first; kx < columns.end; kx++) {
      const FW_ELEMENT* in = input + (row + kx * p->dilation_w) * p->input_c;
      const FW_WEIGHT* w = weights + (ky * p->kernel_w + kx) * channels;
      for (int32_t c = 0; c < channels; c++) sum += FW_PRODUCT(in[c], zero_point, w[c]);
    }
  }
  return sum;
}

static inline void FW_TYPED(conv_2d_nest)(const fw_conv_2d_params* p, const FW_ELEMENT* input,
                                          const FW_WEIGHT* restrict weights,
                                          const FW_SUM* restrict bias, FW_SCALING scaling,
                                          FW_ELEMENT* output) {
  const int32_t group_outputs = p->output_c / (p->input_c / p->kernel_c);
  const int32_t filter_size = p->kernel_h * p->kernel_w * p->kernel_c;

  for (int32_t b = 0; b < p->batches; b++) {
    const FW_ELEMENT* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, p->dilation_h, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, p->dilation_w, p->input_w);
        for (int32_t o = 0; o < p->output_c; o++) {
          const FW_SUM sum =
              FW_TYPED(conv_window_sum)(p, image + o / group_outputs * p->kernel_c,
                                        weights + o * filter_size, top, left, rows, columns);
          *output++ = FW_OUTPUT_OF(FW_WITH_BIAS(sum, bias ? bias[o] : 0), scaling, o,
                                   p->output_zero_point, p->activation_min, p->activation_max);
        }
      }
    }
  }
}

#include "products_end.h"
