#include "depthwise_rows_stride2_s8_mve.h"

#define FW_ROWS_LANES 16
#define FW_ROWS_OUT 1
#define FW_ROWS_STRIDE_W 2
#define FW_MVE_STRIDE "16"
#define FW_MVE_ADVANCE "4"
#define FW_MVE_DOT_STEP "8"
#include "mve_dot_wide.h"
#include "mve_rows.h"

void fw_depthwise_rows_stride2_s8_mve(const fw_mve_depthwise_rows_params* p,
                                      const int8_t* restrict input, const int8_t* restrict records,
                                      const uint16_t* restrict units, int8_t* restrict output,
                                      void* restrict scratch) {
  fw_mve_depthwise_rows(p, input, records, units, output, scratch);
}
