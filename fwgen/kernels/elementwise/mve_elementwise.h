/* What element-wise kernels of two operands for MVE have in common. */
#ifndef FW_MVE_ELEMENTWISE_H
#define FW_MVE_ELEMENTWISE_H

#include <stdint.h>

#include "mve_required.h"

/* A kernel's function: `count` outputs of as many values of each input. `params` are the kernel's
 * own, null if it has none. output may be one of the inputs. */
typedef void fw_mve_elementwise(const void* params, const int8_t* input1, const int8_t* input2,
                                int8_t* output, int32_t count);

/* The same of int16 values. */
typedef void fw_mve_elementwise_s16(const void* params, const int16_t* input1,
                                    const int16_t* input2, int16_t* output, int32_t count);

#endif
