/* The body of a product of matrices, `left` (..., rows, depth) times `right` (..., depth, columns).
 * The includer defines FW_ELEMENT, FW_SUM, FW_PRODUCT(left, right) and FW_RESULT(sum).
 */
for (int32_t i = 0; i < p->batch_size[0]; i++) {
  for (int32_t j = 0; j < p->batch_size[1]; j++) {
    for (int32_t k = 0; k < p->batch_size[2]; k++) {
      const int32_t* l = p->left_batch_stride;
      const int32_t* r = p->right_batch_stride;
      const FW_ELEMENT* row = left + i * l[0] + j * l[1] + k * l[2];
      for (int32_t y = 0; y < p->rows; y++) {
        const FW_ELEMENT* column = right + i * r[0] + j * r[1] + k * r[2];
        for (int32_t x = 0; x < p->columns; x++) {
          const FW_ELEMENT* a = row;
          const FW_ELEMENT* b = column;
          FW_SUM sum = 0;
          for (int32_t d = 0; d < p->depth; d++) {
            sum += FW_PRODUCT(*a, *b);
            a += p->left_depth_stride;
            b += p->right_depth_stride;
          }
          *output++ = FW_RESULT(sum);
          column += p->right_column_stride;
        }
        row += p->left_row_stride;
      }
    }
  }
}
#undef FW_ELEMENT
#undef FW_SUM
#undef FW_PRODUCT
#undef FW_RESULT
