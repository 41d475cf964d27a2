/* int8 logits to int8 probabilities in units of 1/256, row by row: reference variant. */
#ifndef FW_SOFTMAX_S8_H
#define FW_SOFTMAX_S8_H

#include <stdint.h>

#include "softmax_params.h"

/* exponentials (entries): exp(-scale * d) in units of 2^-31, for differences d from a row's
 * maximum. input and output (rows, depth), which may be the same. */
void fw_softmax_s8(const fw_softmax_params* p, const int32_t* exponentials, const int8_t* input,
                   int8_t* output);

#endif
