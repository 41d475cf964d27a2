/* Each row of the input is widened when the first output row needs it: row_ring.h. The windows of 4
 * pixels in a row are multiplied where they are: dsp_rows.h.
 */
#include "conv_2d_rows_s8_dsp.h"

#include "dsp_widen.h"

static void put_widened(const fw_ring_row* row, int32_t value, uint8_t* bytes) {
  static const fw_widened layout = {.y = 1, .step = 2};
  uint32_t* to = (uint32_t*)(void*)bytes;
  to = fw_widen_value(value, row->before, layout, to);
  to = fw_widen_bytes(row->inputs, row->count, layout, to);
  fw_widen_value(value, row->after, layout, to);
}

void fw_conv_2d_rows_s8_dsp(const fw_conv_2d_rows_params* p, const int8_t* input,
                            const int32_t* weights, fw_matrix_rows* kernel, uint8_t* scratch,
                            int8_t* output) {
  fw_each_row(p, input, weights, kernel, put_widened, 2, scratch, output);
}
