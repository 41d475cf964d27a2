/* The body of an interpolation: `rows` and `columns` have for each position of the output the two
 * of the input that it lies between, `row_fractions` and `column_fractions` how far it is from the
 * first. The includer defines FW_ELEMENT, FW_FRACTION and
 * FW_RESULT(a, b, c, d, y, x): of the elements above left, below left, above right and below right.
 */
for (int32_t i = 0; i < p->batches; i++) {
  const FW_ELEMENT* image = input + i * p->input_h * p->input_w * p->channels;
  for (int32_t y = 0; y < p->output_h; y++) {
    const FW_ELEMENT* above = image + rows[2 * y] * p->input_w * p->channels;
    const FW_ELEMENT* below = image + rows[2 * y + 1] * p->input_w * p->channels;
    const FW_FRACTION fy = row_fractions[y];
    for (int32_t x = 0; x < p->output_w; x++) {
      const int32_t left = columns[2 * x] * p->channels;
      const int32_t right = columns[2 * x + 1] * p->channels;
      const FW_FRACTION fx = column_fractions[x];
      for (int32_t c = 0; c < p->channels; c++) {
        *output++ =
            FW_RESULT(above[left + c], below[left + c], above[right + c], below[right + c], fy, fx);
      }
    }
  }
}
#undef FW_ELEMENT
#undef FW_FRACTION
#undef FW_RESULT
