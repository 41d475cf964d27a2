/* out = clamp(zp_out + (x < 0 ? after * requantize(before * x) : requantize(x))), with
 * x = in - zp_in: one requantization per element. A high of 2^15 wraps to -2^15, as the magnitude
 * of that does.
 */
#include "slopes_s16.h"

#include "requantize.h"

void fw_slopes_s16(const fw_slopes_s16_params* p, const int16_t* input, int16_t* output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const int32_t x = input[i] - p->input_zero_point;
    const int32_t scaled =
        x < 0 ? p->after * fw_requantize(p->before * x, p->below_multiplier, p->below_shift)
              : fw_requantize(x, p->above_multiplier, p->above_shift);
    const int32_t zero_point = p->output_zero_point;
    output[i] = (int16_t)(fw_clamp(scaled, p->low - zero_point, p->high - zero_point) + zero_point);
  }
}
