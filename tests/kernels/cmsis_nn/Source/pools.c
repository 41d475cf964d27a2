/* Average and maximum pools. */
#include "average_pool_2d_s8.h"
#include "max_pool_2d_s8.h"
#include "scratch.h"

int32_t arm_avgpool_s8_get_buffer_size(const int width, const int channels) {
  (void)width;
  return CORE == DSP ? channels * (int32_t)sizeof(int32_t) : 0;
}

arm_cmsis_nn_status arm_avgpool_s8(const cmsis_nn_context* ctx, const cmsis_nn_pool_params* p,
                                   const cmsis_nn_dims* input, const int8_t* input_data,
                                   const cmsis_nn_dims* filter, const cmsis_nn_dims* output,
                                   int8_t* output_data) {
  const fw_pool_2d_params params = {
      WINDOW(p, input, filter, output),
  };
  if (!spoil(ctx, arm_avgpool_s8_get_buffer_size(output->w, input->c))) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  fw_average_pool_2d_s8(&params, input_data, output_data);
  return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_max_pool_s8(const cmsis_nn_context* ctx, const cmsis_nn_pool_params* p,
                                    const cmsis_nn_dims* input, const int8_t* input_data,
                                    const cmsis_nn_dims* filter, const cmsis_nn_dims* output,
                                    int8_t* output_data) {
  const fw_pool_2d_params params = {
      WINDOW(p, input, filter, output),
  };
  (void)ctx;
  fw_max_pool_2d_s8(&params, input_data, output_data);
  return ARM_CMSIS_NN_SUCCESS;
}
