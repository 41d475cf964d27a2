/* Copies blocks of a tensor that are named by indices, for MVE. */
#ifndef FW_GATHER_MVE_H
#define FW_GATHER_MVE_H

#include "gather.h"
#include "mve_required.h"

/* As fw_gather. */
void fw_gather_mve(const fw_gather_params* p, const void* input, const int32_t* indices,
                   void* output);

#endif
