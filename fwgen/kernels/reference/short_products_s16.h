/* Rows of int16 times a matrix of int8, to int16: reference variant. */
#ifndef FW_SHORT_PRODUCTS_S16_H
#define FW_SHORT_PRODUCTS_S16_H

#include "short_products.h"

/* input (rows, depth), weights (units, depth), bias (units) or null, output (rows, units). */
void fw_short_products_s16(const fw_short_products_params* p, const int16_t* input,
                           const int8_t* weights, const int64_t* bias, int16_t* output);

#endif
