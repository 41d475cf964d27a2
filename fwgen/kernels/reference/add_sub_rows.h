/* The body of an addition or subtraction of two tensors with broadcasting: `p`, `input1`, `input2`
 * and `output` are the function's arguments. To be included once per function, with
 *   FW_ELEMENT        the type of the elements,
 *   FW_FRACTION_BITS  fractional bits of operands at their common scale,
 *   FW_SIGN           + or -.
 * out = clamp(zp_out + requantize(scaled(in1) FW_SIGN scaled(in2))), with scaled(x) =
 * requantize((x - zp) << FW_FRACTION_BITS) to the common scale 2 * max(scale1, scale2): three
 * requantizations per output.
 */
const int32_t stride1 = p->input1_stride[FW_LEVELS - 1];
const int32_t stride2 = p->input2_stride[FW_LEVELS - 1];

fw_rows rows = {0};
do {
  const FW_ELEMENT* in1 = input1 + rows.a;
  const FW_ELEMENT* in2 = input2 + rows.b;
  for (int32_t i = 0; i < p->size[FW_LEVELS - 1]; i++) {
    const int32_t a = fw_scale_operand(in1[i * stride1], p->input1_zero_point, p->input1_multiplier,
                                       p->input1_shift, FW_FRACTION_BITS);
    const int32_t b = fw_scale_operand(in2[i * stride2], p->input2_zero_point, p->input2_multiplier,
                                       p->input2_shift, FW_FRACTION_BITS);
    const int32_t raw = fw_requantize(a FW_SIGN b, p->output_multiplier, p->output_shift);
    const int32_t clamped = fw_clamp(raw, p->activation_min - p->output_zero_point,
                                     p->activation_max - p->output_zero_point);
    *output++ = (FW_ELEMENT)(clamped + p->output_zero_point);
  }
} while (fw_next_row(&rows, p->size, p->input1_stride, p->input2_stride));

#undef FW_ELEMENT
#undef FW_FRACTION_BITS
#undef FW_SIGN
