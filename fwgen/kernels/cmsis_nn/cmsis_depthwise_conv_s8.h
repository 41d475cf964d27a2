/* Depthwise convolution by CMSIS-NN, int8. */
#ifndef FW_CMSIS_DEPTHWISE_CONV_S8_H
#define FW_CMSIS_DEPTHWISE_CONV_S8_H

#include "cmsis_nn.h"

typedef struct {
  cmsis_nn_dw_conv_params conv;
  cmsis_nn_dims input, filter, output;
  int32_t scratch_bytes;
} fw_cmsis_depthwise_conv_s8_params;

/* input (batches, h, w, c), weights (1, kernel_h, kernel_w, output_c), bias (output_c), multiplier
 * and shift (output_c), output (batches, h, w, output_c). */
void fw_cmsis_depthwise_conv_s8(const fw_cmsis_depthwise_conv_s8_params* p, const int8_t* input,
                                const int8_t* weights, const int32_t* bias,
                                const int32_t* multiplier, const int32_t* shift, void* scratch,
                                int8_t* output);

/* Bytes of scratch memory that the linked library wants for it. */
int32_t fw_cmsis_depthwise_conv_s8_bytes(const fw_cmsis_depthwise_conv_s8_params* p);

#endif
