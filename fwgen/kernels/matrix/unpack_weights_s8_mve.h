/* Unpacks all weights of a matrix from 4 to 8 bits. */
#ifndef FW_UNPACK_WEIGHTS_S8_MVE_H
#define FW_UNPACK_WEIGHTS_S8_MVE_H

#include "mve_unpack.h"

/* `blocks` packed blocks (mve_unpack.h) to those of mve_matrix.h, with `vectors` as there. */
void fw_unpack_weights_s8_mve(const int8_t* packed, int32_t blocks, int32_t vectors, void* weights);

#endif
