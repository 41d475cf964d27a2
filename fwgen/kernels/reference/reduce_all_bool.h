/* Whether all truth values over any axes are true: reference variant. */
#ifndef FW_REDUCE_ALL_BOOL_H
#define FW_REDUCE_ALL_BOOL_H

#include <stdint.h>

#include "reduction.h"

/* output is dense, in the order of the kept axes. */
void fw_reduce_all_bool(const fw_reduction_params* p, const uint8_t* input, uint8_t* output);

#endif
