/* out = clamp(zp_out + requantize((in1 - zp1) * (in2 - zp2))); one requantization per output. */
#include "mul_s16.h"

void fw_mul_s16(const fw_mul_params* p, const int16_t* input1, const int16_t* input2,
                int16_t* output) {
#define FW_OF(a, b) ((int16_t)(fw_product(p, a, b) + p->output_zero_point))
#include "pair_rows.h"
}
