/* Convolutions and fully connected layers of int16, with sums of 64 bits, or of 32 by the type of
 * the bias. Those of 64 bits are refused where the library would lose some of them. */
#include "conv_2d_s16.h"
#include "conv_2d_s16_s32.h"
#include "depthwise_conv_2d_s16.h"
#include "fully_connected_s16.h"
#include "scratch.h"

/* Products that the library adds up in 32 bits. */
#define BLOCK_S16 512

/* Whether sums of `count` weights, `pitch` apart, stay in the library's 32 bits for all inputs, and
 * what they are rescaled to. */
static int stays(const int8_t* weights, int32_t count, int32_t pitch, int64_t bias,
                 int32_t multiplier, int32_t shift) {
  int64_t most = bias < 0 ? -bias : bias, first = 0;
  for (int32_t i = 0; i < count; i++) {
    const int64_t product = (weights[i * pitch] < 0 ? -1 : 1) * weights[i * pitch] * 32768;
    most += product;
    if (i < BLOCK_S16) first += product;
  }
  const int64_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
  return first <= INT32_MAX && (most * reduced) >> (14 - shift) < INT32_MAX;
}

int32_t arm_convolve_wrapper_s16_get_buffer_size(const cmsis_nn_conv_params* p,
                                                 const cmsis_nn_dims* input,
                                                 const cmsis_nn_dims* filter,
                                                 const cmsis_nn_dims* output) {
  const int32_t taps = input->c * filter->w * filter->h;
  (void)p, (void)output;
  return CORE == MVE ? 8 * round_up(taps, 8) : 4 * taps;
}

arm_cmsis_nn_status arm_convolve_wrapper_s16(const cmsis_nn_context* ctx,
                                             const cmsis_nn_conv_params* p,
                                             const cmsis_nn_per_channel_quant_params* quant,
                                             const cmsis_nn_dims* input, const int16_t* input_data,
                                             const cmsis_nn_dims* filter, const int8_t* filter_data,
                                             const cmsis_nn_dims* bias,
                                             const cmsis_nn_bias_data* bias_data,
                                             const cmsis_nn_dims* output, int16_t* output_data) {
  const int32_t taps = filter->c * filter->w * filter->h;
  const int64_t* const wide = bias_data->data;
  const fw_conv_2d_params params = {
      WINDOW(p, input, filter, output),
      .kernel_c = filter->c,
      .dilation_h = p->dilation.h,
      .dilation_w = p->dilation.w,
  };
  if (filter->c != input->c || bias->c != filter->n || filter->n != output->c)
    return ARM_CMSIS_NN_ARG_ERROR;
  if (!spoil(ctx, arm_convolve_wrapper_s16_get_buffer_size(p, input, filter, output))) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  if (bias_data->is_int32_bias) {
    fw_conv_2d_s16_s32(&params, input_data, filter_data, bias_data->data, quant->multiplier,
                       quant->shift, output_data);
    return ARM_CMSIS_NN_SUCCESS;
  }
  for (int32_t i = 0; i < filter->n; i++) {
    if (!stays(filter_data + i * taps, taps, 1, wide ? wide[i] : 0, quant->multiplier[i],
               quant->shift[i]))
      return ARM_CMSIS_NN_ARG_ERROR;
  }
  fw_conv_2d_s16(&params, input_data, filter_data, wide, quant->multiplier, quant->shift,
                 output_data);
  return ARM_CMSIS_NN_SUCCESS;
}

int32_t arm_depthwise_conv_wrapper_s16_get_buffer_size(const cmsis_nn_dw_conv_params* p,
                                                       const cmsis_nn_dims* input,
                                                       const cmsis_nn_dims* filter,
                                                       const cmsis_nn_dims* output) {
  const int32_t taps = filter->w * filter->h;
  (void)output;
  if (p->ch_mult != 1 || p->dilation.w != 1 || p->dilation.h != 1 || taps >= BLOCK_S16) return 0;
  switch (CORE) {
    case MVE:
      return 8 * input->c * taps + 8;
    case DSP:
      return 2 * input->c * taps;
    default:
      return 0;
  }
}

arm_cmsis_nn_status arm_depthwise_conv_wrapper_s16(
    const cmsis_nn_context* ctx, const cmsis_nn_dw_conv_params* p,
    const cmsis_nn_per_channel_quant_params* quant, const cmsis_nn_dims* input,
    const int16_t* input_data, const cmsis_nn_dims* filter, const int8_t* filter_data,
    const cmsis_nn_dims* bias, const int64_t* bias_data, const cmsis_nn_dims* output,
    int16_t* output_data) {
  const fw_depthwise_conv_2d_params params = {
      WINDOW(p, input, filter, output),
      .depth_multiplier = p->ch_mult,
      .dilation_h = p->dilation.h,
      .dilation_w = p->dilation.w,
  };
  if (bias->c != output->c || filter->c != output->c) return ARM_CMSIS_NN_ARG_ERROR;
  if (!spoil(ctx, arm_depthwise_conv_wrapper_s16_get_buffer_size(p, input, filter, output))) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  for (int32_t i = 0; i < output->c; i++) {
    if (!stays(filter_data + i, filter->w * filter->h, output->c, bias_data ? bias_data[i] : 0,
               quant->multiplier[i], quant->shift[i]))
      return ARM_CMSIS_NN_ARG_ERROR;
  }
  fw_depthwise_conv_2d_s16(&params, input_data, filter_data, bias_data, quant->multiplier,
                           quant->shift, output_data);
  return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_fully_connected_s16(const cmsis_nn_context* ctx,
                                            const cmsis_nn_fc_params* fc,
                                            const cmsis_nn_per_tensor_quant_params* quant,
                                            const cmsis_nn_dims* input, const int16_t* input_data,
                                            const cmsis_nn_dims* filter, const int8_t* filter_data,
                                            const cmsis_nn_dims* bias, const int64_t* bias_data,
                                            const cmsis_nn_dims* output, int16_t* output_data) {
  const fw_fully_connected_params params = {
      .rows = input->n,
      .depth = filter->n,
      .units = output->c,
      .activation_min = fc->activation.min,
      .activation_max = fc->activation.max,
  };
  if (ctx->size || fc->filter_offset || bias->c != output->c || filter->c != output->c)
    return ARM_CMSIS_NN_ARG_ERROR;
  for (int32_t i = 0; i < output->c; i++) {
    if (!stays(filter_data + i * filter->n, filter->n, 1, bias_data ? bias_data[i] : 0,
               quant->multiplier, quant->shift))
      return ARM_CMSIS_NN_ARG_ERROR;
  }
  fw_fully_connected_s16(&params, input_data, filter_data, bias_data, &quant->multiplier,
                         &quant->shift, output_data);
  return ARM_CMSIS_NN_SUCCESS;
}
