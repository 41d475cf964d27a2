/* Rows are widened in scratch one by one, and multiplied by blocks of 8 channels: dsp_single.h. */
#include "matrix_row_s8_dsp.h"

#include "dsp_widen.h"

enum { CHANNELS = 8, STEPS = 4 };

/* X, then Y, of each 4 inputs. */
static const fw_widened side_by_side = {.y = 1, .step = 2};

void fw_matrix_row_s8_dsp(const fw_matrix_row_dsp_params* p, const int8_t* input,
                          const int32_t* weights, fw_matrix_single* kernel, uint8_t* scratch,
                          int8_t* output) {
  uint32_t* const inputs = (uint32_t*)(void*)scratch;
  uint32_t* const end = inputs + 2 * p->steps;
  int8_t* const spare = (int8_t*)end;
  const int32_t blocks = p->channels / CHANNELS, left = p->channels % CHANNELS;
  const int32_t* const first = weights + p->scale_words;
  fw_matrix_single_block whole = {.inputs = inputs,
                                  .fours_end = inputs + 2 * (p->steps & -STEPS),
                                  .end = end,
                                  .output = output,
                                  .blocks = blocks,
                                  .scale = weights,
                                  .weights = first};
  fw_matrix_single_block last = whole;
  last.output = spare;
  last.blocks = 1;
  last.weights = first + blocks * p->block_words;

  for (int32_t at = 0; at < p->count; at++, input += p->input_pitch) {
    fw_widen_bytes(input, p->depth, side_by_side, inputs);
    if (blocks > 0) kernel(&whole);
    if (left > 0) kernel(&last);
    for (int32_t i = 0; i < left; i++) whole.output[CHANNELS * blocks + i] = spare[i];
    whole.output += p->channels;
  }
}
