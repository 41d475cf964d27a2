/* The body of a search along the middle axis of `input`, for the first element that no later one is
 * FW_BETTER(element, best) than. The includer defines that and FW_ELEMENT.
 */
for (int32_t i = 0; i < p->outer; i++) {
  for (int32_t j = 0; j < p->inner; j++) {
    const FW_ELEMENT* in = input + i * p->axis * p->inner + j;
    FW_ELEMENT best = *in;
    int32_t place = 0;
    for (int32_t k = 1; k < p->axis; k++) {
      in += p->inner;
      if (FW_BETTER(*in, best)) {
        best = *in;
        place = k;
      }
    }
    *output++ = place;
  }
}
#undef FW_ELEMENT
#undef FW_BETTER
