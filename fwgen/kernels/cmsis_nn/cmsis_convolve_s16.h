/* Convolution by CMSIS-NN, int16. */
#ifndef FW_CMSIS_CONVOLVE_S16_H
#define FW_CMSIS_CONVOLVE_S16_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_conv_params conv;
  cmsis_nn_dims input, filter, output;
  int32_t narrow; /* whether bias and sums have 32 bits, not 64 */
  int32_t scratch_bytes;
} fw_cmsis_convolve_s16_params;

/* input (batches, h, w, c), weights (output_c, kernel_h, kernel_w, c), bias (output_c) of int32_t
 * or int64_t or null, multiplier and shift (output_c), output (batches, h, w, output_c). */
void fw_cmsis_convolve_s16(const fw_cmsis_convolve_s16_params* p, const int16_t* input,
                           const int8_t* weights, const void* bias, const int32_t* multiplier,
                           const int32_t* shift, void* scratch, int16_t* output);

/* Bytes of scratch memory that the linked library wants for it. */
int32_t fw_cmsis_convolve_s16_bytes(const fw_cmsis_convolve_s16_params* p);

#endif
