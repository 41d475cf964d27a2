/* Transposition by CMSIS-NN, int8. */
#include "cmsis_transpose_s8.h"

void fw_cmsis_transpose_s8(const fw_cmsis_transpose_s8_params* p, const int8_t* input,
                           int8_t* output) {
  const cmsis_nn_transpose_params transpose = {.num_dims = p->dimensions, .permutations = p->order};
  fw_cmsis_require(arm_transpose_s8(input, output, &p->input, &p->output, &transpose));
}
