/* Weighted sum of two int8 tensors of the same shape, for the DSP extension: addition and
 * subtraction. */
#ifndef FW_SUM_S8_DSP_H
#define FW_SUM_S8_DSP_H

#include <stdint.h>

#include "dsp_required.h"

typedef struct {
  int32_t weight1, weight2; /* in units of 2^-29 of the output, multiples of 256 */
  int32_t offset;           /* in units of 2^-21 */
} fw_sum_s8_dsp_params;

/* output may be either input. */
void fw_sum_s8_dsp(const fw_sum_s8_dsp_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output, int32_t count);

#endif
