/* A block at a time by memcpy; its place is a sum of products, with two comparisons for each. */
#include "gather.h"

void fw_gather(const fw_gather_params* p, const void* input, const int32_t* indices, void* output) {
  const uint8_t* batch = input;
  uint8_t* out = output;
  for (int32_t b = 0; b < p->batches; b++, batch += p->batch_bytes) {
    for (int32_t o = 0; o < p->outer; o++) {
      const int32_t* index = indices + b * p->count * p->depth;
      for (int32_t i = 0; i < p->count; i++, index += p->depth, out += p->block_bytes) {
        const uint8_t* in = batch + o * p->outer_bytes + fw_block_at(p, index);
        __builtin_memcpy(out, in, (uint32_t)p->block_bytes);
      }
    }
  }
}
