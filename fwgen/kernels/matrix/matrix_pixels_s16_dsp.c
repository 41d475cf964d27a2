/* 4 pixels at a time are put side by side in scratch and multiplied: dsp_matrix_s16.h. */
#include "matrix_pixels_s16_dsp.h"

void fw_matrix_pixels_s16_dsp(const fw_matrix_pixels_s16_params* p, const int16_t* input,
                              const int32_t* weights, fw_matrix_columns_s16* kernel,
                              uint8_t* scratch, int16_t* output) {
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int16_t* const spare = (int16_t*)(void*)(columns + 4 * fw_columns_s16(p));

  for (int32_t left = p->count; left > 0; left -= 4, output += 4 * p->channels) {
    for (int32_t i = 0; i < 4 && i < left; i++, input += p->input_pitch) {
      fw_put_columns_s16((const int8_t*)input, 2 * p->depth, columns + i);
    }
    fw_next_pixels_s16(p, kernel, columns, weights, left, spare, output);
  }
}
