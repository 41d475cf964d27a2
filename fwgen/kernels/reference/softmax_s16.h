/* Logits to probabilities in units of 1/32768, int16, row by row: reference variant. */
#ifndef FW_SOFTMAX_S16_H
#define FW_SOFTMAX_S16_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth;
  int32_t multiplier, shift; /* of differences, to units in which 65535 are 10 */
} fw_softmax_s16_params;

/* exponentials (513): exp(x) for x from -10 to 0; reciprocals (513): 1 / (1 + x) for x from 0 to 1;
 * both in units of 1/32768. input and output (rows, depth), which may be the same. */
void fw_softmax_s16(const fw_softmax_s16_params* p, const int16_t* exponentials,
                    const int16_t* reciprocals, const int16_t* input, int16_t* output);

#endif
