/* The body of a pool over the taps inside the input. The includer defines FW_ELEMENT, FW_STATE and
 * its start FW_START; FW_NEXT(state, in), what an element makes of the state; and
 * FW_RESULT(state, count), count being the number of taps.
 */
for (int32_t b = 0; b < p->batches; b++) {
  const FW_ELEMENT* image = input + b * p->input_h * p->input_w * p->input_c;
  for (int32_t y = 0; y < p->output_h; y++) {
    const int32_t top = y * p->stride_h - p->pad_top;
    const fw_taps rows = fw_taps_inside(top, p->kernel_h, 1, p->input_h);
    for (int32_t x = 0; x < p->output_w; x++) {
      const int32_t left = x * p->stride_w - p->pad_left;
      const fw_taps columns = fw_taps_inside(left, p->kernel_w, 1, p->input_w);
      const int32_t height = rows.end - rows.first;
      const int32_t width = columns.end - columns.first;
      const FW_ELEMENT* first =
          image + ((top + rows.first) * p->input_w + left + columns.first) * p->input_c;
      for (int32_t c = 0; c < p->input_c; c++) {
        FW_STATE state = FW_START;
        for (int32_t ky = 0; ky < height; ky++) {
          const FW_ELEMENT* in = first + c + ky * p->input_w * p->input_c;
          for (int32_t kx = 0; kx < width; kx++) {
            state = FW_NEXT(state, *in);
            in += p->input_c;
          }
        }
        *output++ = FW_RESULT(state, height * width);
      }
    }
  }
}
#undef FW_ELEMENT
#undef FW_STATE
#undef FW_START
#undef FW_NEXT
#undef FW_RESULT
