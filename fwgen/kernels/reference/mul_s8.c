/* out = clamp(zp_out + requantize((in1 - zp1) * (in2 - zp2))); one requantization per output. */
#include "mul_s8.h"

#include "requantize.h"

void fw_mul_s8(const fw_mul_s8_params* p, const int8_t* input1, const int8_t* input2,
               int8_t* output) {
  const int32_t stride1 = p->input1_stride[FW_LEVELS - 1];
  const int32_t stride2 = p->input2_stride[FW_LEVELS - 1];

  fw_rows rows = {0};
  do {
    const int8_t* in1 = input1 + rows.a;
    const int8_t* in2 = input2 + rows.b;
    for (int32_t i = 0; i < p->size[FW_LEVELS - 1]; i++) {
      const int32_t product =
          (in1[i * stride1] - p->input1_zero_point) * (in2[i * stride2] - p->input2_zero_point);
      *output++ = fw_add_zero_point(fw_requantize(product, p->output_multiplier, p->output_shift),
                                    p->output_zero_point, p->activation_min, p->activation_max);
    }
  } while (fw_next_row(&rows, p->size, p->input1_stride, p->input2_stride));
}
