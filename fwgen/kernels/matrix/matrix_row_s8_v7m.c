/* Rows are multiplied one by one, by blocks of 8 channels: v7m_single.h. */
#include "matrix_row_s8_v7m.h"

enum { FW_BYTE_ROW_CHANNELS = 8 };

void fw_matrix_row_s8_v7m(const fw_matrix_row_v7m_params* p, const int8_t* input,
                          const int32_t* weights, fw_matrix_byte_row* kernel, int8_t* output) {
  const int32_t blocks = p->channels / FW_BYTE_ROW_CHANNELS;
  const int32_t whole = FW_BYTE_ROW_CHANNELS * blocks, left = p->channels - whole;
  const int32_t* const first = weights + p->scale_words;
  int8_t spare[FW_BYTE_ROW_CHANNELS];

  for (int32_t at = 0; at < p->count; at++, input += p->input_pitch, output += p->channels) {
    fw_matrix_byte_row_block block = {.inputs = input,
                                      .eights_end = input + (p->depth & ~7),
                                      .end = input + p->depth,
                                      .output = output,
                                      .blocks = blocks,
                                      .scales = weights,
                                      .scale_bytes = p->scale_bytes,
                                      .weights = first};
    if (blocks > 0) kernel(&block);
    if (left == 0) continue;
    block.output = spare;
    block.blocks = 1;
    block.scales = weights + whole * p->scale_bytes / 4;
    block.weights = first + blocks * p->block_words;
    kernel(&block);
    for (int32_t i = 0; i < left; i++) output[whole + i] = spare[i];
  }
}
