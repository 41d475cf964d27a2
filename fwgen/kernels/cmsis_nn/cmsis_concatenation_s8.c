/* A tensor's part of a concatenation by CMSIS-NN, int8. */
#include "cmsis_concatenation_s8.h"

void fw_cmsis_concatenation_s8(const fw_cmsis_concatenation_s8_params* p, const int8_t* input,
                               int8_t* output) {
  arm_concatenation_s8_x(input, p->bytes, p->blocks, 1, 1, output, p->output_bytes, p->offset);
}
