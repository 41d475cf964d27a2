/* float32 to integers or booleans: reference variant. */
#ifndef FW_CAST_FLOATS_H
#define FW_CAST_FLOATS_H

#include "cast.h"

/* output may lie over input, as long as no element is written before it is read. */
void fw_cast_floats(const fw_cast_params* p, const void* input, void* output);

#endif
