/* The sum of many int8 tensors from the sums of their values: reference variant. */
#ifndef FW_ADD_N_S8_H
#define FW_ADD_N_S8_H

#include <stdint.h>

typedef struct {
  int32_t elements;
  int32_t start; /* of a sum: the zero points of all values and one more, negative */
  int32_t multiplier, shift, output_zero_point;
} fw_add_n_s8_params;

void fw_add_n_s8(const fw_add_n_s8_params* p, const int16_t* sums, int8_t* output);

#endif
