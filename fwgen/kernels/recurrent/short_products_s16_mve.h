/* Rows of int16 times a matrix of int8, to int16, with MVE. */
#ifndef FW_SHORT_PRODUCTS_S16_MVE_H
#define FW_SHORT_PRODUCTS_S16_MVE_H

#include "short_products.h"

/* input (rows, depth) with zero point 0, weights in pairs of units, bias (units) or null, output
 * (rows, units). A pair has for each 8 inputs 8 weights of each unit; 0 beyond the depth and for a
 * unit that there is not. */
void fw_short_products_s16_mve(const fw_short_products_params* p, const int16_t* input,
                               const int8_t* weights, const int64_t* bias, int16_t* output);

#endif
