/* Padding by CMSIS-NN, int8. */
#include "cmsis_pad_s8.h"

void fw_cmsis_pad_s8(const fw_cmsis_pad_s8_params* p, const int8_t* input, int8_t* output) {
  fw_cmsis_require(arm_pad_s8(input, output, (int8_t)p->value, &p->input, &p->before, &p->after));
}
