/* out[b,y,x,c] = clamp(max of in[b,y*s+ky,x*s+kx,c] over the taps inside the input). Input and
 * output have the same scale and zero point. One comparison per tap; about 6 instructions per tap.
 */
#include "max_pool_2d_s8.h"

#include "requantize.h"
#include "taps.h"

/* Largest of height x width values; columns are `column` apart, rows `row`. */
static int32_t window_max(const int8_t* input, int32_t height, int32_t width, int32_t row,
                          int32_t column) {
  int32_t max = INT8_MIN;
  for (int32_t ky = 0; ky < height; ky++) {
    for (int32_t kx = 0; kx < width; kx++) {
      const int32_t value = input[ky * row + kx * column];
      if (value > max) max = value;
    }
  }
  return max;
}

void fw_max_pool_2d_s8(const fw_max_pool_2d_s8_params* p, const int8_t* input, int8_t* output) {
  for (int32_t b = 0; b < p->batches; b++) {
    const int8_t* image = input + b * p->input_h * p->input_w * p->input_c;
    for (int32_t y = 0; y < p->output_h; y++) {
      const int32_t top = y * p->stride_h - p->pad_top;
      const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
      for (int32_t x = 0; x < p->output_w; x++) {
        const int32_t left = x * p->stride_w - p->pad_left;
        const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
        const int32_t height = rows.end - rows.first;
        const int32_t width = columns.end - columns.first;
        const int8_t* first =
            image + ((top + rows.first) * p->input_w + left + columns.first) * p->input_c;
        for (int32_t c = 0; c < p->input_c; c++) {
          const int32_t max =
              window_max(first + c, height, width, p->input_w * p->input_c, p->input_c);
          *output++ = (int8_t)fw_clamp(max, p->activation_min, p->activation_max);
        }
      }
    }
  }
}
