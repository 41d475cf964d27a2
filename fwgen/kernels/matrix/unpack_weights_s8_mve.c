#include "unpack_weights_s8_mve.h"

void fw_unpack_weights_s8_mve(const int8_t* packed, int32_t blocks, int32_t vectors,
                              void* weights) {
  fw_mve_unpack(packed, 2 * blocks, vectors, weights);
}
