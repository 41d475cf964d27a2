#include "depthwise_flat_any_s8_mve.h"

/* Four pixels are a word of a plane; windows are one byte apart. */
#define FW_MVE_DOT dot_flat_any
#define FW_MVE_DOT_STEP 2
#include "mve_dot_any.h"
#define FW_MVE_CONVOLVE convolve_flat_any
#include "mve_flat.h"

void fw_depthwise_flat_any_s8_mve(const fw_mve_depthwise_flat_params* p, const int8_t* input,
                                  const int8_t* restrict records, const uint16_t* restrict units,
                                  int8_t* output, void* restrict scratch) {
  FW_MVE_CONVOLVE(p, input, records, units, output, scratch);
}

#undef FW_MVE_DOT
#undef FW_MVE_CONVOLVE
