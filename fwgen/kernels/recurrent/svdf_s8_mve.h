/* The state of an SVDF and what becomes of it, int8, with MVE. */
#ifndef FW_SVDF_S8_MVE_H
#define FW_SVDF_S8_MVE_H

#include "svdf.h"

/* As fw_svdf_s8; bias includes -state_zero_point * sum of a unit's weights. */
void fw_svdf_s8_mve(const fw_svdf_params* p, const int16_t* features, const int8_t* weights,
                    const int32_t* bias, int8_t* state, int8_t* output);

#endif
