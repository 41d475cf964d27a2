/* Products of pixels with weights of 4 bits, which are unpacked two blocks at a time. */
#ifndef FW_MATRIX_UNPACKED_S8_MVE_H
#define FW_MATRIX_UNPACKED_S8_MVE_H

#include "mve_matrix.h"
#include "mve_unpack.h"

/* Computes `count` pixels, the first `paired` of them by the kernel `pairs`, the others by `rest`.
 * scratch has room for two blocks, or for one if there is one. */
void fw_matrix_unpacked_s8_mve(const fw_matrix_params* p, const int8_t* input, int32_t paired,
                               int32_t count, const int8_t* packed, fw_matrix* pairs,
                               fw_matrix* rest, void* scratch, int8_t* output);

#endif
