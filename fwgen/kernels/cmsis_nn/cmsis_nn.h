/* What the calls of CMSIS-NN have in common. */
#ifndef FW_CMSIS_NN_H
#define FW_CMSIS_NN_H

#include "arm_nnfunctions.h"

/* The library refuses arguments that were not chosen for it: what it left of the output is no
 * result. Ends in the fault that an undefined instruction is, which names the op. */
static inline void fw_cmsis_require(arm_cmsis_nn_status status) {
  if (status != ARM_CMSIS_NN_SUCCESS) __builtin_trap();
}

/* CMSIS-NN reads quantization constants through pointers to what it could write. */
static inline cmsis_nn_per_channel_quant_params fw_cmsis_per_channel(const int32_t* multiplier,
                                                                     const int32_t* shift) {
  const cmsis_nn_per_channel_quant_params quant = {(int32_t*)(uintptr_t)multiplier,
                                                   (int32_t*)(uintptr_t)shift};
  return quant;
}

#endif
