/* Convolutions, and the sizes of scratch memory of each way that the library has for them. */
#include "conv_2d_s8.h"
#include "depthwise_conv_2d_s8.h"
#include "scratch.h"

/* The library copies this many channels at once where a core has MVE. */
#define BLOCK 124

static int32_t ceil_divide(int32_t a, int32_t b) { return a > 0 ? (a + b - 1) / b : 0; }

static int32_t at_least_one(int32_t value) { return value < 1 ? 1 : value; }

/* Of windows as columns: four of bytes for MVE, two of int16 for others. */
static int32_t column_bytes(const cmsis_nn_dims* input, const cmsis_nn_dims* filter) {
  const int32_t taps = input->c * filter->w * filter->h;
  return CORE == MVE ? 4 * round_up(taps, 16) : 4 * round_up(taps, 4);
}

/* One row of pixels on MVE: the ends of it with their padding, whichever is longer. */
static int32_t row_bytes(const cmsis_nn_conv_params* p, const cmsis_nn_dims* input,
                         const cmsis_nn_dims* filter, const cmsis_nn_dims* output) {
  const int32_t stride = p->stride.w, left = p->padding.w;
  const int32_t odd = ((output->w - 1) * stride + filter->w - input->w) % 2;
  const int32_t right = left + odd;
  const int32_t lefts = left ? at_least_one(ceil_divide(left, stride)) : 0;
  const int32_t rights = right ? at_least_one(ceil_divide(right, stride)) : 0;
  if (lefts + rights > output->w) return column_bytes(input, filter);
  const int32_t first = filter->w + left;
  const int32_t last = filter->w - 1 + (odd ? rights : left);
  return input->c * (first > last ? first : last);
}

int32_t arm_convolve_wrapper_s8_get_buffer_size(const cmsis_nn_conv_params* p,
                                                const cmsis_nn_dims* input,
                                                const cmsis_nn_dims* filter,
                                                const cmsis_nn_dims* output) {
  const int whole = input->c == filter->c;
  const int dilated = p->dilation.w != 1 || p->dilation.h != 1;
  const int padded = p->padding.w || p->padding.h;
  if (whole && !dilated && !padded && filter->w == 1 && filter->h == 1) return 0;
  if (CORE == MVE && whole && input->h == 1 && filter->h == 1 && p->dilation.w == 1 &&
      p->stride.w * input->c % 4 == 0) {
    return row_bytes(p, input, filter, output);
  }
  return column_bytes(input, filter);
}

arm_cmsis_nn_status arm_convolve_wrapper_s8(const cmsis_nn_context* ctx,
                                            const cmsis_nn_conv_params* p,
                                            const cmsis_nn_per_channel_quant_params* quant,
                                            const cmsis_nn_dims* input, const int8_t* input_data,
                                            const cmsis_nn_dims* filter, const int8_t* filter_data,
                                            const cmsis_nn_dims* bias, const int32_t* bias_data,
                                            const cmsis_nn_dims* output, int8_t* output_data) {
  const fw_conv_2d_params params = {
      WINDOW(p, input, filter, output),     .kernel_c = filter->c,
      .dilation_h = p->dilation.h,          .dilation_w = p->dilation.w,
      .input_zero_point = -p->input_offset, .output_zero_point = p->output_offset,
  };
  if (bias->n != 1 || bias->h != 1 || bias->w != 1 || bias->c != filter->n ||
      filter->n != output->c)
    return ARM_CMSIS_NN_ARG_ERROR;
  /* the library goes on from where the bias of a group of channels begins */
  if (filter->c != input->c && !bias_data) return ARM_CMSIS_NN_ARG_ERROR;
  if (!spoil(ctx, arm_convolve_wrapper_s8_get_buffer_size(p, input, filter, output))) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  fw_conv_2d_s8(&params, input_data, filter_data, bias_data, quant->multiplier, quant->shift,
                output_data);
  return ARM_CMSIS_NN_SUCCESS;
}

static int is_3x3(const cmsis_nn_dw_conv_params* p, const cmsis_nn_dims* filter) {
  return filter->w == 3 && filter->h == 3 && p->padding.w <= 1 && p->padding.h <= 1;
}

/* Whether the library's way for windows of 3x3 on cores without MVE reads after the end of a row:
 * it has no test of the middle column of a window. */
static int takes_middle_column_for_input(const cmsis_nn_dw_conv_params* p,
                                         const cmsis_nn_dims* input, const cmsis_nn_dims* filter,
                                         const cmsis_nn_dims* output) {
  const int fast = p->ch_mult == 1 && input->n == 1 && p->dilation.w == 1 && p->dilation.h == 1;
  const int32_t last = (output->w - 1) * p->stride.w - p->padding.w;
  return CORE != MVE && fast && is_3x3(p, filter) && last + 1 >= input->w;
}

int32_t arm_depthwise_conv_wrapper_s8_get_buffer_size(const cmsis_nn_dw_conv_params* p,
                                                      const cmsis_nn_dims* input,
                                                      const cmsis_nn_dims* filter,
                                                      const cmsis_nn_dims* output) {
  const int32_t taps = filter->w * filter->h;
  if (input->c != output->c || input->n != 1 || p->dilation.w != 1 || p->dilation.h != 1) return 0;
  switch (CORE) {
    case MVE:
      return 4 * BLOCK * taps;
    case DSP:
      return is_3x3(p, filter) ? 0 : 2 * input->c * taps;
    default:
      return 0;
  }
}

arm_cmsis_nn_status arm_depthwise_conv_wrapper_s8(
    const cmsis_nn_context* ctx, const cmsis_nn_dw_conv_params* p,
    const cmsis_nn_per_channel_quant_params* quant, const cmsis_nn_dims* input,
    const int8_t* input_data, const cmsis_nn_dims* filter, const int8_t* filter_data,
    const cmsis_nn_dims* bias, const int32_t* bias_data, const cmsis_nn_dims* output,
    int8_t* output_data) {
  const fw_depthwise_conv_2d_params params = {
      WINDOW(p, input, filter, output),     .depth_multiplier = p->ch_mult,
      .dilation_h = p->dilation.h,          .dilation_w = p->dilation.w,
      .input_zero_point = -p->input_offset, .output_zero_point = p->output_offset,
  };
  /* the library on MVE goes on from where the bias of a block of channels begins */
  if (bias->n != 1 || bias->h != 1 || bias->w != 1 || bias->c != output->c ||
      filter->c != output->c || !bias_data)
    return ARM_CMSIS_NN_ARG_ERROR;
  if (takes_middle_column_for_input(p, input, filter, output)) return ARM_CMSIS_NN_ARG_ERROR;
  if (!spoil(ctx, arm_depthwise_conv_wrapper_s8_get_buffer_size(p, input, filter, output))) {
    return ARM_CMSIS_NN_ARG_ERROR;
  }
  fw_depthwise_conv_2d_s8(&params, input_data, filter_data, bias_data, quant->multiplier,
                          quant->shift, output_data);
  return ARM_CMSIS_NN_SUCCESS;
}
