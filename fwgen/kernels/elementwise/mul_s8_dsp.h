/* Product of two int8 tensors of the same shape, for the DSP extension. */
#ifndef FW_MUL_S8_DSP_H
#define FW_MUL_S8_DSP_H

#include "dsp_rescaled.h"

typedef struct {
  int32_t input1_zero_point, input2_zero_point;
  fw_rescaling rescaling;
} fw_mul_s8_dsp_params;

/* output may be either input. */
void fw_mul_s8_dsp(const fw_mul_s8_dsp_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count);

#endif
