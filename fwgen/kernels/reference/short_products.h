/* What the kernels of rows times a matrix have in common whose results are int16: the gates of an
 * LSTM, the features of an SVDF.
 */
#ifndef FW_SHORT_PRODUCTS_H
#define FW_SHORT_PRODUCTS_H

#include <stdint.h>

typedef struct {
  int32_t rows, row_pitch; /* elements from one row of the input to the next */
  int32_t depth, units;
  int32_t input_zero_point;
  int32_t multiplier, shift;
  int32_t add; /* 1: to what the output holds, saturated again */
} fw_short_products_params;

static inline int16_t fw_saturate_s16(int32_t value) {
  return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

#endif
