/* The body of a function of two tensors with broadcasting: `p`, `input1`, `input2` and `output` are
 * the function's arguments. To be included once per function, with FW_OF(a, b), the element of the
 * output for one of each input.
 */
const int32_t stride1 = p->input1_stride[FW_LEVELS - 1];
const int32_t stride2 = p->input2_stride[FW_LEVELS - 1];

fw_rows rows = {0};
do {
  for (int32_t i = 0; i < p->size[FW_LEVELS - 1]; i++) {
    *output++ = FW_OF(input1[rows.a + i * stride1], input2[rows.b + i * stride2]);
  }
} while (fw_next_row(&rows, p->size, p->input1_stride, p->input2_stride));

#undef FW_OF
