/* The state of an SVDF and what becomes of it, int8: reference variant. */
#ifndef FW_SVDF_S8_H
#define FW_SVDF_S8_H

#include "svdf.h"

/* features (batches, units * rank), weights (units * rank, memory), bias (units), state (batches,
 * units * rank, memory), oldest first, output (batches, units). */
void fw_svdf_s8(const fw_svdf_params* p, const int16_t* features, const int8_t* weights,
                const int32_t* bias, int8_t* state, int8_t* output);

#endif
