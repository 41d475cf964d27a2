/* out = min(in1, in2) of the raw values; one comparison per output. */
#include "minimum_s8.h"

void fw_minimum_s8(const fw_minimum_s8_params* p, const int8_t* input1, const int8_t* input2,
                   int8_t* output) {
  const int32_t stride1 = p->input1_stride[FW_LEVELS - 1];
  const int32_t stride2 = p->input2_stride[FW_LEVELS - 1];

  fw_rows rows = {0};
  do {
    const int8_t* in1 = input1 + rows.a;
    const int8_t* in2 = input2 + rows.b;
    for (int32_t i = 0; i < p->size[FW_LEVELS - 1]; i++) {
      const int8_t a = in1[i * stride1], b = in2[i * stride2];
      *output++ = a < b ? a : b;
    }
  } while (fw_next_row(&rows, p->size, p->input1_stride, p->input2_stride));
}
