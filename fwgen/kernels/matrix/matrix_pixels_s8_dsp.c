/* 4 pixels at a time are widened in scratch and multiplied: dsp_matrix.h. */
#include "matrix_pixels_s8_dsp.h"

#include "dsp_columns.h"

void fw_matrix_pixels_s8_dsp(const fw_matrix_pixels_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                             int8_t* output) {
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int8_t* const spare = (int8_t*)scratch + p->columns * FW_DSP_COLUMN_BYTES;

  for (int32_t left = p->count; left > 0; left -= 4, output += 4 * p->channels) {
    for (int32_t i = 0; i < 4 && i < left; i++, input += p->input_pitch) {
      fw_widen_bytes(input, p->depth, fw_columns, columns + i);
    }
    fw_next_pixels(p, kernel, scratch, FW_DSP_COLUMN_BYTES, weights, left, spare, output);
  }
}
