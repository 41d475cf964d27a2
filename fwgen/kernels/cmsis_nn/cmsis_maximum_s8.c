/* Maximum of tensors by CMSIS-NN, int8. */
#include "cmsis_maximum_s8.h"

void fw_cmsis_maximum_s8(const fw_cmsis_maximum_s8_params* p, const int8_t* input1,
                         const int8_t* input2, int8_t* output) {
  const cmsis_nn_context context = {.buf = 0, .size = 0};
  fw_cmsis_require(
      arm_maximum_s8(&context, input1, &p->input1, input2, &p->input2, output, &p->output));
}
