/* Average pool by CMSIS-NN, int8: all arithmetic is the library's. */
#include "cmsis_avgpool_s8.h"

void fw_cmsis_avgpool_s8(const fw_cmsis_avgpool_s8_params* p, const int8_t* input, void* scratch,
                         int8_t* output) {
  const cmsis_nn_context context = {.buf = scratch, .size = p->scratch_bytes};
  fw_cmsis_require(
      arm_avgpool_s8(&context, &p->pool, &p->input, input, &p->filter, &p->output, output));
}

int32_t fw_cmsis_avgpool_s8_bytes(const fw_cmsis_avgpool_s8_params* p) {
  return arm_avgpool_s8_get_buffer_size(p->output.w, p->input.c);
}
