/* 1 / sqrt(x) of int16 values: reference variant. */
#ifndef FW_RSQRT_S16_H
#define FW_RSQRT_S16_H

#include <stdint.h>

typedef struct {
  int32_t elements;
  int32_t multiplier, shift; /* of the root with 20 fractional bits */
} fw_rsqrt_s16_params;

/* output may be input. */
void fw_rsqrt_s16(const fw_rsqrt_s16_params* p, const int16_t* input, int16_t* output);

#endif
