/* Copies bytes between two strided layouts, for MVE. */
#ifndef FW_STRIDED_COPY_MVE_H
#define FW_STRIDED_COPY_MVE_H

#include "mve_required.h"
#include "strided_copy.h"

/* input and output do not overlap. */
void fw_strided_copy_mve(const fw_strided_copy_params* p, const void* input, void* output);

#endif
