/* An element-wise kernel for MVE on two int16 tensors, of which either may be broadcast. */
#ifndef FW_BROADCAST_S16_MVE_H
#define FW_BROADCAST_S16_MVE_H

#include "broadcast_s8_mve.h"

/* As fw_broadcast_s8_mve; `part` are elements, not bytes. */
void fw_broadcast_s16_mve(const fw_broadcast_s8_mve_params* p, fw_mve_elementwise_s16* kernel,
                          const void* numbers, const int16_t* input1, const int16_t* input2,
                          int16_t* output, void* restrict scratch);

#endif
