/* Softmax of int8 rows without a table of exponentials. */
#ifndef FW_SOFTMAX_COMPUTED_S8_H
#define FW_SOFTMAX_COMPUTED_S8_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth;
  int32_t multiplier, shift; /* from a difference of inputs to units of 2^-26; shift is positive */
  int32_t radius;            /* the largest difference that is not -32 or less */
} fw_softmax_computed_s8_params;

/* As fw_softmax_s8. output may be input. */
void fw_softmax_computed_s8(const fw_softmax_computed_s8_params* p, const int8_t* input,
                            int8_t* output);

#endif
