#include "rescaled_sum_s16_mve.h"

#define FW_RESCALED_S16
#define FW_RESCALED rescaled_sum_s16
#define FW_COMBINE "vadd.i32"
#include "mve_rescaled_rows.h"

void fw_rescaled_sum_s16_mve(const void* params, const int16_t* near, const int16_t* far,
                             int16_t* output, int32_t count) {
  FW_RESCALED(params, near, far, output, count);
}

#undef FW_RESCALED
#undef FW_COMBINE
#undef FW_RESCALED_S16
