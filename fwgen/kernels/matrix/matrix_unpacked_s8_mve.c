/* All pixels go through two blocks of channels before others are unpacked: where there are many,
 * that is 2 % of their time. The last blocks come first, as in the kernels. */
#include "matrix_unpacked_s8_mve.h"

void fw_matrix_unpacked_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t paired,
                               int32_t count, const int8_t* packed, fw_matrix* pairs,
                               fw_matrix* rest, void* scratch, int8_t* output) {
  const int32_t vectors = (p->depth + 15) >> 4;
  fw_matrix_params some = *p;
  for (int32_t left = (p->channels + 7) >> 3; left > 0;) {
    const int32_t blocks = left > 1 ? 2 : 1;
    left -= blocks;
    const int32_t channel = 8 * left, beyond = p->channels - channel;
    some.channels = beyond < 8 * blocks ? beyond : 8 * blocks;
    fw_mve_unpack(packed, 2 * blocks, vectors, scratch);
    packed += blocks * FW_MVE_PACKED_BLOCK(vectors);
    if (paired > 0) pairs(&some, input, 0, paired, scratch, output + channel);
    if (paired < count) rest(&some, input, paired, count - paired, scratch, output + channel);
  }
}
