/* Rows of int8 elements divided by their Euclidean length: reference variant. */
#ifndef FW_L2_NORMALIZATION_S8_H
#define FW_L2_NORMALIZATION_S8_H

#include <stdint.h>

/* input and output (rows, depth), which may be the same; zero_point is that of the input. */
void fw_l2_normalization_s8(const int8_t* input, int8_t* output, int32_t rows, int32_t depth,
                            int32_t zero_point);

#endif
