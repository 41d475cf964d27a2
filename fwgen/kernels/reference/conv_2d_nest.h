/* out[b,y,x,o] = clamp(zp_out + requantize(bias[o] + sum (in[b,y*s+ky*d,x*s+kx*d,c] - zp_in) *
 * w[o,ky,kx,c])) where taps outside the input contribute nothing. One multiplication per tap and
 * output; sums are proven at build not to overflow. Of int8 about 7 instructions per
 * multiplication, 18 per pixel and filter tap, 110 per output. Elements and products are those of a
 * header that comes before this one.
 */
#ifndef FW_CONV_2D_NEST_H
#define FW_CONV_2D_NEST_H

#include "conv_2d.h"
#include "products.h"
#include "taps.h"

/* The sum for one output: `input` is the image from the group's first channel on, `weights` the
 * filter of the output, (top, left) the window's origin, `rows` and `columns` its taps inside. */
static fw_sum conv_window_sum(const fw_conv_2d_params* p, const fw_element* restrict input,
                              const fw_weight* restrict weights, int32_t top, int32_t left,
                              fw_taps rows, fw_taps columns) {
  const int32_t zero_point = p->input_zero_point;
  const int32_t channels = p->kernel_c;
  fw_sum sum = 0;
  for (int32_t ky = rows.first; ky < rows.end; ky++) {
    const int32_t row = (top + ky * p->dilation_h) * p->input_w + left;
    for (int32_t kx = columns.first; kx < columns.end; kx++) {
      const fw_element* in = input + (row + kx * p->dilation_w) * p->input_c;
      const fw_weight* w = weights + (ky * p->kernel_w + kx) * channels;
      for (int32_t c = 0; c < channels; c++) sum += fw_product(in[c], zero_point, w[c]);
    }
  }
  return sum;
}

static inline void conv_2d_nest(const fw_conv_2d_params* p, const fw_element* input,
                                const fw_weight* restrict weights, const fw_sum* restrict bias,
                                fw_scaling scaling, fw_element* output) {
  const int32_t group_outputs = p->output_c / (p->input_c / p->kernel_c);
  const int32_t filter_size = p->kernel_h * p->kernel_w * p->kernel_c;

  for (int32_t b = 0; b < p->batches; b++) {
    const fw_element* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, p->dilation_h, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, p->dilation_w, p->input_w);
        for (int32_t o = 0; o < p->output_c; o++) {
          const fw_sum sum = conv_window_sum(p, image + o / group_outputs * p->kernel_c,
                                             weights + o * filter_size, top, left, rows, columns);
          *output++ = fw_output_of(fw_with_bias(sum, bias ? bias[o] : 0), scaling, o,
                                   p->output_zero_point, p->activation_min, p->activation_max);
        }
      }
    }
  }
}

#endif
