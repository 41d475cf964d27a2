/* Rows of int8 times a matrix of int8, to int16, with MVE. */
#ifndef FW_SHORT_PRODUCTS_S8_MVE_H
#define FW_SHORT_PRODUCTS_S8_MVE_H

#include "short_products.h"

/* input (rows, depth), weights a stream of words, output (rows, units). Weights are in tiles of 4
 * units, those that there are not with 0: the biases, which include -input_zero_point * sum of
 * weights, then for each 16 inputs 16 bytes of each unit, 0 beyond the depth. */
void fw_short_products_s8_mve(const fw_short_products_params* p, const int8_t* input,
                              const int32_t* weights, int16_t* output);

#endif
