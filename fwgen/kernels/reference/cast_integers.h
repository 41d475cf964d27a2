/* Integers or booleans to those of another type: reference variant. */
#ifndef FW_CAST_INTEGERS_H
#define FW_CAST_INTEGERS_H

#include "cast.h"

/* output may lie over input, as long as no element is written before it is read. */
void fw_cast_integers(const fw_cast_params* p, const void* input, void* output);

#endif
