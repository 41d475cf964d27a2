/* Padding, transposition, concatenation. */
#include "scratch.h"

arm_cmsis_nn_status arm_pad_s8(const int8_t* input, int8_t* output, const int8_t value,
                               const cmsis_nn_dims* size, const cmsis_nn_dims* before,
                               const cmsis_nn_dims* after) {
  for (int32_t n = -before->n; n < size->n + after->n; n++) {
    for (int32_t h = -before->h; h < size->h + after->h; h++) {
      for (int32_t w = -before->w; w < size->w + after->w; w++) {
        for (int32_t c = -before->c; c < size->c + after->c; c++) {
          const int inside = n >= 0 && n < size->n && h >= 0 && h < size->h && w >= 0 &&
                             w < size->w && c >= 0 && c < size->c;
          *output++ = inside ? *input++ : value;
        }
      }
    }
  }
  return ARM_CMSIS_NN_SUCCESS;
}

arm_cmsis_nn_status arm_transpose_s8(const int8_t* input, int8_t* const output,
                                     const cmsis_nn_dims* const size,
                                     const cmsis_nn_dims* const output_size,
                                     const cmsis_nn_transpose_params* const p) {
  const int32_t sizes[4] = {size->n, size->h, size->w, size->c};
  const int32_t outputs[4] = {output_size->n, output_size->h, output_size->w, output_size->c};
  int32_t steps[4], count = 1;
  for (int32_t d = p->num_dims; d-- > 0;) {
    steps[d] = count;
    count *= sizes[d];
  }
  for (int32_t i = 0; i < count; i++) {
    int32_t rest = i, from = 0;
    for (int32_t d = p->num_dims; d-- > 0;) {
      if (outputs[d] != sizes[p->permutations[d]]) return ARM_CMSIS_NN_ARG_ERROR;
      from += rest % outputs[d] * steps[p->permutations[d]];
      rest /= outputs[d];
    }
    output[i] = input[from];
  }
  return ARM_CMSIS_NN_SUCCESS;
}

void arm_concatenation_s8_x(const int8_t* input, const uint16_t input_x, const uint16_t input_y,
                            const uint16_t input_z, const uint16_t input_w, int8_t* output,
                            const uint16_t output_x, const uint32_t offset) {
  const int32_t rows = input_y * input_z * input_w;
  for (int32_t row = 0; row < rows; row++) {
    for (uint32_t i = 0; i < input_x; i++) {
      output[(uint32_t)row * output_x + offset + i] = *input++;
    }
  }
}
