/* As the reference kernel; a block takes 4 cycles per 16 bytes. */
#include "gather_mve.h"

#include "mve_copy.h"

void fw_gather_mve(const fw_gather_params* p, const void* input, const int32_t* indices,
                   void* output) {
  const int8_t* batch = input;
  int8_t* out = output;
  for (int32_t b = 0; b < p->batches; b++, batch += p->batch_bytes) {
    for (int32_t o = 0; o < p->outer; o++) {
      const int32_t* index = indices + b * p->count * p->depth;
      for (int32_t i = 0; i < p->count; i++, index += p->depth, out += p->block_bytes) {
        fw_mve_copy(batch + o * p->outer_bytes + fw_block_at(p, index), p->block_bytes, out);
      }
    }
  }
}
