/* Each row of the input is copied when the first output row needs it: row_ring.h. The windows of 4
 * pixels in a row are multiplied where they are: v7m_rows.h.
 */
#include "conv_2d_rows_s8_v7m.h"

#include "window_bytes.h"

static void put_row_bytes(const fw_ring_row* row, int32_t value, uint8_t* bytes) {
  int8_t* to = (int8_t*)bytes;
  to = fw_put_value(to, value, row->before);
  to = fw_put(to, row->inputs, row->count);
  fw_put_value(to, value, row->after);
}

void fw_conv_2d_rows_s8_v7m(const fw_conv_2d_rows_params* p, const int8_t* input,
                            const int32_t* weights, fw_matrix_rows* kernel, uint8_t* scratch,
                            int8_t* output) {
  fw_each_row(p, input, weights, kernel, put_row_bytes, 1, scratch, output);
}
