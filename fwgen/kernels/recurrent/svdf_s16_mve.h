/* The state of an SVDF and what becomes of it, int16, with MVE. */
#ifndef FW_SVDF_S16_MVE_H
#define FW_SVDF_S16_MVE_H

#include "svdf.h"

/* As fw_svdf_s16; bias includes -state_zero_point * sum of a unit's weights. */
void fw_svdf_s16_mve(const fw_svdf_params* p, const int16_t* features, const int16_t* weights,
                     const int32_t* bias, int16_t* state, int8_t* output);

#endif
