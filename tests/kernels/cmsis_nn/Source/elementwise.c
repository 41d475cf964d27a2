/* Element by element: sum, product, minimum, maximum. And softmax. */
#include "requantize.h"
#include "scratch.h"
#include "softmax_computed_s8.h"

arm_cmsis_nn_status arm_elementwise_add_s8(const int8_t* a, const int8_t* b, const int32_t a_offset,
                                           const int32_t a_multiplier, const int32_t a_shift,
                                           const int32_t b_offset, const int32_t b_multiplier,
                                           const int32_t b_shift, const int32_t left_shift,
                                           int8_t* output, const int32_t offset,
                                           const int32_t multiplier, const int32_t shift,
                                           const int32_t least, const int32_t most,
                                           const int32_t count) {
  const int32_t unit = 1 << left_shift;
  for (int32_t i = 0; i < count; i++) {
    const int32_t first = fw_requantize((a[i] + a_offset) * unit, a_multiplier, a_shift);
    const int32_t second = fw_requantize((b[i] + b_offset) * unit, b_multiplier, b_shift);
    output[i] =
        fw_add_zero_point(fw_requantize(first + second, multiplier, shift), offset, least, most);
  }
  return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_elementwise_mul_s8(const int8_t* a, const int8_t* b, const int32_t a_offset,
                                           const int32_t b_offset, int8_t* output,
                                           const int32_t offset, const int32_t multiplier,
                                           const int32_t shift, const int32_t least,
                                           const int32_t most, const int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    const int32_t product = (a[i] + a_offset) * (b[i] + b_offset);
    output[i] = fw_add_zero_point(fw_requantize(product, multiplier, shift), offset, least, most);
  }
  return ARM_CMSIS_NN_SUCCESS;
}

static int32_t elements(const cmsis_nn_dims* dims) { return dims->n * dims->h * dims->w * dims->c; }

/* Each of the two has all elements of the output, or one. */
static arm_cmsis_nn_status choose(int greater, const int8_t* a, const cmsis_nn_dims* a_dims,
                                  const int8_t* b, const cmsis_nn_dims* b_dims, int8_t* output,
                                  const cmsis_nn_dims* dims) {
  const int32_t count = elements(dims), of_a = elements(a_dims), of_b = elements(b_dims);
  if ((of_a != count && of_a != 1) || (of_b != count && of_b != 1)) return ARM_CMSIS_NN_ARG_ERROR;
  for (int32_t i = 0; i < count; i++) {
    const int8_t first = a[of_a == 1 ? 0 : i], second = b[of_b == 1 ? 0 : i];
    output[i] = (first > second) == greater ? first : second;
  }
  return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_minimum_s8(const cmsis_nn_context* ctx, const int8_t* a,
                                   const cmsis_nn_dims* a_dims, const int8_t* b,
                                   const cmsis_nn_dims* b_dims, int8_t* output,
                                   const cmsis_nn_dims* dims) {
  (void)ctx;
  return choose(0, a, a_dims, b, b_dims, output, dims);
}

arm_cmsis_nn_status arm_maximum_s8(const cmsis_nn_context* ctx, const int8_t* a,
                                   const cmsis_nn_dims* a_dims, const int8_t* b,
                                   const cmsis_nn_dims* b_dims, int8_t* output,
                                   const cmsis_nn_dims* dims) {
  (void)ctx;
  return choose(1, a, a_dims, b, b_dims, output, dims);
}

void arm_softmax_s8(const int8_t* input, const int32_t rows, const int32_t depth,
                    const int32_t multiplier, const int32_t shift, const int32_t diff_min,
                    int8_t* output) {
  const fw_softmax_computed_s8_params params = {
      .rows = rows, .depth = depth, .multiplier = multiplier, .shift = shift, .radius = -diff_min};
  fw_softmax_computed_s8(&params, input, output);
}
