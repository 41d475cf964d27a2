/* Softmax of int8 rows: reference variant. */
#ifndef FW_SOFTMAX_S8_H
#define FW_SOFTMAX_S8_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth;
  int32_t entries; /* of the table of exponentials; beyond it they count as 0 */
} fw_softmax_s8_params;

/* exponentials (entries): exp(-beta * scale * d) for d = 0, 1, ... in units of 2^-31, input and
 * output (rows, depth), the output in units of 1/256 above zero point -128. output may be input. */
void fw_softmax_s8(const fw_softmax_s8_params* p, const int32_t* exponentials, const int8_t* input,
                   int8_t* output);

#endif
