/* 4 pixels at a time are widened in scratch and multiplied: dsp_matrix.h. */
#include "matrix_pixels_s8_dsp.h"

#include "dsp_columns.h"

void fw_matrix_pixels_s8_dsp(const fw_matrix_dsp_params* p, const int8_t* input,
                             const int32_t* weights, fw_matrix_columns* kernel, uint8_t* scratch,
                             int8_t* output) {
  uint32_t* const columns = (uint32_t*)(void*)scratch;
  int8_t* const spare = (int8_t*)(columns + p->steps * FW_COLUMN_STEP);
  /* the last pair of the last pixel must not reach beyond the output */
  const int32_t direct = p->count - (p->channels & 1);

  for (int32_t at = 0; at < p->count; at += 4) {
    const int32_t left = p->count - at, count = left < 4 ? left : 4;
    for (int32_t i = 0; i < count; i++, input += p->input_pitch) {
      fw_widen_bytes(input, p->depth, fw_columns, columns + i);
    }
    if (at + 4 <= direct) {
      fw_four_pixels(p, kernel, columns, weights, output);
    } else {
      fw_last_pixels(p, kernel, columns, weights, count, spare, output);
    }
    output += count * p->channels;
  }
}
