/* A line through the zero points with another slope below 0, of int16 values: RELU, RELU6,
 * LEAKY_RELU, ABS. */
#ifndef FW_SLOPES_S16_H
#define FW_SLOPES_S16_H

#include <stdint.h>

typedef struct {
  int32_t elements;
  int32_t above_multiplier, above_shift; /* of values that are not negative */
  int32_t below_multiplier, below_shift; /* of those that are */
  int32_t before, after;                 /* 1, or -1 to negate these before, or after */
  int32_t low, high;
  int32_t input_zero_point, output_zero_point;
} fw_slopes_s16_params;

/* output may be input. */
void fw_slopes_s16(const fw_slopes_s16_params* p, const int16_t* input, int16_t* output);

#endif
