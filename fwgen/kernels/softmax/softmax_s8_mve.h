/* Softmax of int8 rows for MVE. */
#ifndef FW_SOFTMAX_S8_MVE_H
#define FW_SOFTMAX_S8_MVE_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t rows, depth;
  int32_t last; /* of the table of exponentials: the 0 for all differences from there on */
} fw_softmax_s8_mve_params;

/* As fw_softmax_s8, but the exponentials, last + 1 of them, end with a 0. output may be input. */
void fw_softmax_s8_mve(const fw_softmax_s8_mve_params* p, const int32_t* exponentials,
                       const int8_t* input, int8_t* output);

#endif
