/* As conv_2d_s16_mve.c, part by part; conv_2d_parts_s8_mve.c says what parts are. */
#include "conv_2d_parts_s16_mve.h"

#include "mve_windows.h"

static void convolve_part_s16(const fw_conv_2d_parts_s16_mve_params* params, const int8_t* in,
                              const int8_t* weights, fw_matrix_s16* kernel, int8_t* windows,
                              int16_t* output) {
  const fw_conv_2d_s8_mve_params* const p = &params->conv.windows;
  const int32_t high = p->down ? p->strip : 1, wide = p->down ? 1 : p->strip;
  const int32_t image = p->input_h * p->input_w * p->input_c;
  const int8_t* const end = in + p->batches * image;

  for (int32_t b = 0; b < p->batches; b++, in += image, output += params->output_image) {
    for (int32_t y = 0; y < p->output_h; y += high) {
      const int32_t rows = high < p->output_h - y ? high : p->output_h - y;
      for (int32_t x = 0; x < p->output_w; x += wide) {
        const int32_t columns = wide < p->output_w - x ? wide : p->output_w - x;
        const int32_t count = rows * columns;
        if (p->down) {
          gather(p, in, end, y, x, rows, windows);
        } else {
          gather_along(p, in, end, y, x, columns, windows);
        }
        kernel(&params->conv.matrix, (const int16_t*)(const void*)windows, count & ~1, count,
               weights, output + y * params->output_row + x * params->output_pixel);
      }
    }
  }
}

void fw_conv_2d_parts_s16_mve(const fw_conv_2d_parts_s16_mve_params* p, const int16_t* input,
                              const int8_t* weights, fw_matrix_s16* kernel, uint8_t* scratch,
                              int16_t* output) {
  for (int32_t i = 0; i < p->parts; i++) {
    convolve_part_s16(p, (const int8_t*)(input + i * p->input_step), weights + i * p->weights_step,
                      kernel, (int8_t*)scratch, output + i * p->output_step);
  }
}
