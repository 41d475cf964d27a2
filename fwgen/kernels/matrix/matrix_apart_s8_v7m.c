/* 4 pixels at a time are multiplied where they are: v7m_rows.h. The last ones, if there are fewer,
 * are copied so that nothing after them is read, and theirs and the last outputs of an odd number
 * go by room of their own, so that nothing after them is written.
 */
#include "matrix_apart_s8_v7m.h"

#include "window_bytes.h"

void fw_matrix_apart_s8_v7m(const fw_matrix_apart_params* p, const int8_t* input,
                            const int32_t* weights, fw_matrix_rows* kernel, uint8_t* scratch,
                            int8_t* output) {
  const int32_t channels = p->channels, pairs = (channels + 1) / 2;
  int8_t* const last = (int8_t*)scratch;
  int8_t* const spare = last + ((3 * p->input_pitch + p->depth + 3) & ~3);
  const uint8_t* row = (const uint8_t*)input;
  fw_matrix_rows_block block = {.rows = &row,
                                .end = &row + 1,
                                .row_bytes = p->depth,
                                .output = output + 2 * (pairs - 1),
                                .pitch = channels,
                                .pairs = pairs,
                                .weights = weights};

  for (int32_t left = p->count; left > 0; left -= 4, output += 4 * channels) {
    const int32_t direct = left > 4 || (left == 4 && channels % 2 == 0);
    block.output = (direct ? output : spare) + 2 * (pairs - 1);
    if (left < 4) {
      fw_put(last, (const int8_t*)row, (left - 1) * p->input_pitch + p->depth);
      row = (const uint8_t*)last;
    }
    kernel(&block);
    row += 4 * p->input_pitch;
    if (direct) continue;
    for (int32_t i = 0; i < (left < 4 ? left : 4) * channels; i++) output[i] = spare[i];
  }
}
