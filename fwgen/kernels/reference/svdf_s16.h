/* The state of an SVDF and what becomes of it, int16: reference variant. */
#ifndef FW_SVDF_S16_H
#define FW_SVDF_S16_H

#include "svdf.h"

/* features (batches, units * rank), weights (units * rank, memory), bias (units), state (batches,
 * units * rank, memory), oldest first, output (batches, units). */
void fw_svdf_s16(const fw_svdf_params* p, const int16_t* features, const int16_t* weights,
                 const int32_t* bias, int16_t* state, int8_t* output);

#endif
