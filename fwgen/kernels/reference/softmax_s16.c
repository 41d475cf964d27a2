/* out[r,c] = exp(in[r,c] - max) / sum exp(in[r,:] - max), both functions by interpolated tables.
 * Exponentials wait in the output while they are added up. About 60 instructions per element.
 */
#include "softmax_s16.h"

#include "lut_513.h"
#include "requantize.h"

static void softmax_interpolated_row(const fw_softmax_s16_params* p, const int16_t* exponentials,
                                     const int16_t* reciprocals, const int16_t* input,
                                     int16_t* output) {
  int32_t max = INT16_MIN;
  for (int32_t c = 0; c < p->depth; c++) {
    if (input[c] > max) max = input[c];
  }
  int32_t sum = 0; /* in units of 2^-15; the maximum adds 32767 */
  for (int32_t c = 0; c < p->depth; c++) {
    const int32_t scaled = fw_requantize(input[c] - max, p->multiplier, p->shift) + INT16_MAX;
    output[c] = (int16_t)fw_lut_513(fw_clamp(scaled, INT16_MIN, INT16_MAX), exponentials);
    sum += output[c];
  }
  int32_t headroom = 0;
  while (sum >> (30 - headroom) == 0) headroom++;
  /* sum = (1 + fraction) * 2^(30 - headroom); the table begins at a fraction of 0 */
  const int64_t shifted = (((int64_t)sum << headroom) + (1 << 13)) >> 14;
  const int32_t fraction = (int32_t)shifted - (1 << 16) - (1 << 15);
  const int32_t factor = fw_lut_513(fw_clamp(fraction, INT16_MIN, INT16_MAX), reciprocals);
  const int32_t right = 30 - headroom;
  for (int32_t c = 0; c < p->depth; c++) {
    const int64_t share = (int64_t)output[c] * factor + (INT64_C(1) << (right - 1));
    output[c] = (int16_t)fw_clamp((int32_t)(share >> right), 0, INT16_MAX);
  }
}

void fw_softmax_s16(const fw_softmax_s16_params* p, const int16_t* exponentials,
                    const int16_t* reciprocals, const int16_t* input, int16_t* output) {
  for (int32_t r = 0; r < p->rows; r++) {
    softmax_interpolated_row(p, exponentials, reciprocals, input + r * p->depth,
                             output + r * p->depth);
  }
}
