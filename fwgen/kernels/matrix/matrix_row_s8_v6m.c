/* A row loses its sign in scratch, and is multiplied by all channels: v6m_row.h. */
#include "matrix_row_s8_v6m.h"

void fw_matrix_row_s8_v6m(const fw_row_params* p, const int8_t* input, const int32_t* constants,
                          fw_matrix_row_channels* kernel, uint8_t* scratch, int8_t* output) {
  const int32_t rounded = (p->depth + 3) & ~3, odd = rounded & 4;
  uint8_t* const inputs = scratch + 2 * odd;

  for (int32_t i = 0; i < p->count; i++, input += p->input_pitch, output += p->channels) {
    for (int32_t k = 0; k < p->depth; k++) inputs[k] = (uint8_t)(input[k] + 128);
    const fw_row_blocks blocks = {
        .inputs = inputs - odd,
        .end = inputs + rounded,
        .weights = constants + p->scales,
        .scales = constants,
        .back = p->scales == FW_V6M_SCALE_WORDS ? 4 * FW_V6M_SCALE_WORDS : 0,
        .output = output,
        .channels = p->channels,
    };
    kernel(&blocks);
  }
}
