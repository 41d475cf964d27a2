/* Rows are multiplied one by one by blocks of 8 channels: dsp_single_s16.h. */
#include "matrix_row_s16_dsp.h"

/* A block writes the outputs of 8 channels, also of those that there are not: these go by scratch.
 */
void fw_matrix_row_s16_dsp(const fw_matrix_row_s16_dsp_params* p, const int16_t* input,
                           const int32_t* weights, fw_matrix_single_s16* kernel, uint8_t* scratch,
                           int16_t* output) {
  int16_t* const spare = (int16_t*)(void*)scratch;
  const int32_t blocks = p->channels / 8, left = p->channels % 8;

  for (int32_t at = 0; at < p->count; at++, input += p->input_pitch) {
    fw_matrix_single_block_s16 block = {.inputs = input,
                                        .whole_end = input + 2 * (p->words & ~7),
                                        .end = input + 2 * p->words,
                                        .output = output,
                                        .blocks = blocks,
                                        .weights = weights};
    if (left > 0) {
      /* first, so that the output may lie over the row */
      fw_matrix_single_block_s16 last = block;
      last.output = spare;
      last.blocks = 1;
      last.weights = weights + blocks * p->block_words;
      kernel(&last);
    }
    if (blocks > 0) kernel(&block);
    output += 8 * blocks;
    for (int32_t i = 0; i < left; i++) *output++ = spare[i];
  }
}
