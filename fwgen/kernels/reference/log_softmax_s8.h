/* Logarithms of softmax in units of 1/16, int8, row by row: reference variant. */
#ifndef FW_LOG_SOFTMAX_S8_H
#define FW_LOG_SOFTMAX_S8_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth;
  int32_t entries;           /* of the table; the exponential of any larger difference is nothing */
  int32_t radius;            /* the largest difference that is scaled */
  int32_t multiplier, shift; /* of differences, to units of 2^-26 */
  int32_t reverse_multiplier, reverse_shift; /* back */
} fw_log_softmax_s8_params;

/* exponentials (entries): exp(-scale * d) in units of 2^-31, for differences d from a row's
 * maximum. input and output (rows, depth), which may be the same. */
void fw_log_softmax_s8(const fw_log_softmax_s8_params* p, const int32_t* exponentials,
                       const int8_t* input, int8_t* output);

#endif
