/* out = clamp(zp_out + requantize((scaled(in1) - scaled(in2))^2)): three requantizations per
 * output. Operands at their common scale have 0 fractional bits, so that no square exceeds 2^30.
 */
#include "squared_difference_s16.h"

void fw_squared_difference_s16(const fw_add_sub_params* p, const int16_t* input1,
                               const int16_t* input2, int16_t* output) {
#define FW_OF(a, b) ((int16_t)fw_scaled_square(p, a, b, 0))
#include "pair_rows.h"
}
