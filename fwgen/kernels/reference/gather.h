/* Copies blocks of a tensor that are named by indices: GATHER, GATHER_ND and EMBEDDING_LOOKUP. */
#ifndef FW_GATHER_H
#define FW_GATHER_H

#include <stdint.h>

#include "rows.h"

typedef struct {
  int32_t batches, outer, count;    /* batches of indices, parts of an input's batch, indices */
  int32_t depth;                    /* numbers of an index */
  int32_t block_bytes;              /* what an index names */
  int32_t batch_bytes, outer_bytes; /* from one batch or part of the input to the next */
  int32_t limit[FW_LEVELS];         /* of each number of an index: one above the greatest */
  int32_t stride[FW_LEVELS];        /* bytes from one to the next */
} fw_gather_params;

/* Where a block begins. A number below 0 counts as 0, one that is too large as the greatest:
 * nothing outside of the input is read, whatever the indices are. */
static inline int32_t fw_block_at(const fw_gather_params* p, const int32_t* index) {
  int32_t at = 0;
  for (int32_t i = 0; i < p->depth; i++) {
    int32_t number = index[i] < 0 ? 0 : index[i];
    if (number >= p->limit[i]) number = p->limit[i] - 1;
    at += number * p->stride[i];
  }
  return at;
}

/* The output has block after block: for each batch, part and index. */
void fw_gather(const fw_gather_params* p, const void* input, const int32_t* indices, void* output);

#endif
