/* Maximum pool by CMSIS-NN, int8: all arithmetic is the library's. */
#include "cmsis_max_pool_s8.h"

void fw_cmsis_max_pool_s8(const fw_cmsis_max_pool_s8_params* p, const int8_t* input,
                          int8_t* output) {
  const cmsis_nn_context context = {.buf = 0, .size = 0};
  fw_cmsis_require(
      arm_max_pool_s8(&context, &p->pool, &p->input, input, &p->filter, &p->output, output));
}
