/* out = clamp(zp_out + requantize(scaled(in1) - scaled(in2))), with scaled(x) = requantize((x - zp)
 * << 20) to the common scale 2 * max(scale1, scale2): three requantizations per output. No
 * difference exceeds 2^28.
 */
#include "sub_s8.h"

void fw_sub_s8(const fw_add_sub_params* p, const int8_t* input1, const int8_t* input2,
               int8_t* output) {
#define FW_OF(a, b) ((int8_t)fw_scaled_output(p, fw_scaled_difference(p, a, b, 20)))
#include "pair_rows.h"
}
