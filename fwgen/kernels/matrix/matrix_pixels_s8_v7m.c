/* 4 pixels at a time are put side by side in scratch and multiplied: v7m_matrix.h. */
#include "matrix_pixels_s8_v7m.h"

void fw_matrix_pixels_s8_v7m(const fw_matrix_pixels_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                             int8_t* output) {
  int8_t* const columns = (int8_t*)scratch;
  int8_t* const spare = columns + p->columns * FW_V7M_COLUMN_BYTES;

  for (int32_t left = p->count; left > 0; left -= 4, output += 4 * p->channels) {
    for (int32_t i = 0; i < 4 && i < left; i++, input += p->input_pitch) {
      fw_interleave(input, p->depth, columns + i);
    }
    fw_next_pixels(p, kernel, scratch, FW_V7M_COLUMN_BYTES, weights, left, spare, output);
  }
}
