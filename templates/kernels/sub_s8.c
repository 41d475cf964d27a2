/* out = clamp(zp_out + requantize(scaled(in1) - scaled(in2))), with scaled(x) = requantize((x - zp)
 * << 20) to the common scale 2 * max(scale1, scale2). Three requantizations per output; no sum
 * exceeds 2^28.
 */
#include "sub_s8.h"

void fw_sub_s8(const fw_add_sub_params* p, const int8_t* input1, const int8_t* input2,
               int8_t* output) {
  const int32_t stride1 = p->input1_stride[FW_LEVELS - 1];
  const int32_t stride2 = p->input2_stride[FW_LEVELS - 1];

  fw_rows rows = {0};
  do {
    const int8_t* in1 = input1 + rows.a;
    const int8_t* in2 = input2 + rows.b;
    for (int32_t i = 0; i < p->size[FW_LEVELS - 1]; i++) {
      const int32_t a = fw_scale_operand(in1[i * stride1], p->input1_zero_point,
                                         p->input1_multiplier, p->input1_shift);
      const int32_t b = fw_scale_operand(in2[i * stride2], p->input2_zero_point,
                                         p->input2_multiplier, p->input2_shift);
      *output++ = fw_add_zero_point(fw_requantize(a - b, p->output_multiplier, p->output_shift),
                                    p->output_zero_point, p->activation_min, p->activation_max);
    }
  } while (fw_next_row(&rows, p->size, p->input1_stride, p->input2_stride));
}
