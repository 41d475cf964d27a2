/* Fully connected layers: on MVE from sums that have all but the products of input and weights. */
#include "fully_connected_s8.h"
#include "requantize.h"
#include "scratch.h"

int32_t arm_fully_connected_s8_get_buffer_size(const cmsis_nn_dims* filter) {
  return CORE == MVE ? filter->c * (int32_t)sizeof(int32_t) : 0;
}

static void from_sums(const fw_fully_connected_params* p, const int8_t* input,
                      const int8_t* weights, const int32_t* sums, const int32_t* multiplier,
                      const int32_t* shift, int8_t* output) {
  for (int32_t row = 0; row < p->rows; row++, input += p->depth) {
    for (int32_t unit = 0; unit < p->units; unit++) {
      const int32_t of = p->per_channel ? unit : 0;
      int32_t sum = sums[unit];
      for (int32_t i = 0; i < p->depth; i++) sum += input[i] * weights[unit * p->depth + i];
      *output++ = fw_add_zero_point(fw_requantize(sum, multiplier[of], shift[of]),
                                    p->output_zero_point, p->activation_min, p->activation_max);
    }
  }
}

static arm_cmsis_nn_status connect(const cmsis_nn_context* ctx, const cmsis_nn_fc_params* fc,
                                   int per_channel, const int32_t* multiplier, const int32_t* shift,
                                   const cmsis_nn_dims* input, const int8_t* input_data,
                                   const cmsis_nn_dims* filter, const int8_t* filter_data,
                                   const int32_t* bias_data, const cmsis_nn_dims* output,
                                   int8_t* output_data) {
  const fw_fully_connected_params params = {
      .rows = input->n,
      .depth = filter->n,
      .units = output->c,
      .per_channel = per_channel,
      .input_zero_point = -fc->input_offset,
      .output_zero_point = fc->output_offset,
      .activation_min = fc->activation.min,
      .activation_max = fc->activation.max,
  };
  if (fc->filter_offset || filter->c != output->c) return ARM_CMSIS_NN_ARG_ERROR;
  if (ctx->size != arm_fully_connected_s8_get_buffer_size(filter)) return ARM_CMSIS_NN_ARG_ERROR;
  if (CORE == MVE) {
    if (!ctx->buf) return ARM_CMSIS_NN_ARG_ERROR;
    from_sums(&params, input_data, filter_data, ctx->buf, multiplier, shift, output_data);
  } else {
    fw_fully_connected_s8(&params, input_data, filter_data, bias_data, multiplier, shift,
                          output_data);
  }
  return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_fully_connected_s8(const cmsis_nn_context* ctx,
                                           const cmsis_nn_fc_params* fc,
                                           const cmsis_nn_per_tensor_quant_params* quant,
                                           const cmsis_nn_dims* input, const int8_t* input_data,
                                           const cmsis_nn_dims* filter, const int8_t* filter_data,
                                           const cmsis_nn_dims* bias, const int32_t* bias_data,
                                           const cmsis_nn_dims* output, int8_t* output_data) {
  if (bias->n != 1 || bias->h != 1 || bias->w != 1 || bias->c != output->c)
    return ARM_CMSIS_NN_ARG_ERROR;
  return connect(ctx, fc, 0, &quant->multiplier, &quant->shift, input, input_data, filter,
                 filter_data, bias_data, output, output_data);
}

arm_cmsis_nn_status arm_fully_connected_per_channel_s8(
    const cmsis_nn_context* ctx, const cmsis_nn_fc_params* fc,
    const cmsis_nn_per_channel_quant_params* quant, const cmsis_nn_dims* input,
    const int8_t* input_data, const cmsis_nn_dims* filter, const int8_t* filter_data,
    const cmsis_nn_dims* bias, const int32_t* bias_data, const cmsis_nn_dims* output,
    int8_t* output_data) {
  if (bias->n != 1 || bias->h != 1 || bias->w != 1 || bias->c != output->c)
    return ARM_CMSIS_NN_ARG_ERROR;
  return connect(ctx, fc, 1, quant->multiplier, quant->shift, input, input_data, filter,
                 filter_data, bias_data, output, output_data);
}
