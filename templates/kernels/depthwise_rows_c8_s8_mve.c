#include "depthwise_rows_c8_s8_mve.h"

#define FW_ROWS_LANES 8
#define FW_ROWS_OUT 2
#define FW_ROWS_STRIDE_W 1
#define FW_MVE_STRIDE "16"
#define FW_MVE_ADVANCE "8"
#define FW_MVE_DOT_STEP "4"
#include "mve_dot.h"
#include "mve_rows.h"

void fw_depthwise_rows_c8_s8_mve(const fw_mve_depthwise_rows_params* p,
                                 const int8_t* restrict input, const int8_t* restrict records,
                                 const uint16_t* restrict units, int8_t* restrict output,
                                 void* restrict scratch) {
  fw_mve_rows r = {
      .p = p,
      .lanes = FW_ROWS_LANES,
      .planes = (int8_t*)scratch + 16,
      .rows = (int8_t*)scratch + FW_MVE_PLANES_BYTES,
  };
  fw_mve_fill(r.rows, p->pad_value, 4 * p->row_bytes);
  for (int32_t b = 0; b < p->batches; b++) {
    r.input = input;
    fw_mve_convolve_rows(&r, records + 4, units, output);
    input += p->input_h * p->input_w * p->channels;
    output += p->output_h * p->output_w * p->channels;
  }
}
