/* out = clamp(zp_out + requantize((scaled(in1) - scaled(in2))^2)): three requantizations per
 * output. Operands at their common scale have 7 fractional bits, so that no square exceeds 2^30.
 */
#include "squared_difference_s8.h"

void fw_squared_difference_s8(const fw_add_sub_params* p, const int8_t* input1,
                              const int8_t* input2, int8_t* output) {
#define FW_OF(a, b) ((int8_t)fw_scaled_square(p, a, b, 7))
#include "pair_rows.h"
}
