/* The body of a function that takes elements of one of two tensors by the truth values of a third:
 * `p`, `condition`, `input1`, `input2` and `output` are its arguments.
 */
const int32_t stride0 = p->condition_stride[FW_LEVELS - 1];
const int32_t stride1 = p->input1_stride[FW_LEVELS - 1];
const int32_t stride2 = p->input2_stride[FW_LEVELS - 1];

fw_rows rows = {0}, second = {0};
do {
  for (int32_t i = 0; i < p->size[FW_LEVELS - 1]; i++) {
    *output++ = condition[rows.a + i * stride0] ? input1[rows.b + i * stride1]
                                                : input2[second.a + i * stride2];
  }
  fw_next_row(&second, p->size, p->input2_stride, p->input2_stride);
} while (fw_next_row(&rows, p->size, p->condition_stride, p->input1_stride));
