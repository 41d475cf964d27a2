#include "rescaled_difference_s8_mve.h"

#define FW_RESCALED rescaled_difference
#define FW_COMBINE "vsub.i32"
#include "mve_rescaled_rows.h"

void fw_rescaled_difference_s8_mve(const void* params, const int8_t* near, const int8_t* far,
                                   int8_t* output, int32_t count) {
  FW_RESCALED(params, near, far, output, count);
}

#undef FW_RESCALED
#undef FW_COMBINE
