/* The body of a reduction of `input` to `output`, which is dense, in the order of the kept axes.
 * The includer defines FW_ELEMENT, FW_STATE and its start FW_START; FW_NEXT(state, in), what an
 * element makes of the state; and FW_RESULT(state). Elements come in the order of the input.
 */
for (int32_t i = 0; i < p->kept_size[0]; i++) {
  for (int32_t j = 0; j < p->kept_size[1]; j++) {
    for (int32_t k = 0; k < p->kept_size[2]; k++) {
      const FW_ELEMENT* first =
          input + i * p->kept_stride[0] + j * p->kept_stride[1] + k * p->kept_stride[2];
      FW_STATE state = FW_START;
      for (int32_t a = 0; a < p->reduced_size[0]; a++) {
        for (int32_t b = 0; b < p->reduced_size[1]; b++) {
          const FW_ELEMENT* in = first + a * p->reduced_stride[0] + b * p->reduced_stride[1];
          for (int32_t c = 0; c < p->reduced_size[2]; c++) {
            state = FW_NEXT(state, *in);
            in += p->reduced_stride[2];
          }
        }
      }
      *output++ = FW_RESULT(state);
    }
  }
}
#undef FW_ELEMENT
#undef FW_STATE
#undef FW_START
#undef FW_NEXT
#undef FW_RESULT
