/* out = clamp(zp_out + requantize(scaled(in1) - scaled(in2))), with scaled(x) = requantize((x - zp)
 * << 15) to the common scale 2 * max(scale1, scale2): three requantizations per output. No
 * difference exceeds 2^31 - 2^15.
 */
#include "sub_s16.h"

void fw_sub_s16(const fw_add_sub_params* p, const int16_t* input1, const int16_t* input2,
                int16_t* output) {
#define FW_OF(a, b) ((int16_t)fw_scaled_output(p, fw_scaled_difference(p, a, b, 15)))
#include "pair_rows.h"
}
