/* out = clamp(zp_out + requantize((in1 - zp1) * (in2 - zp2))); one requantization per output. */
#include "mul_s8.h"

void fw_mul_s8(const fw_mul_params* p, const int8_t* input1, const int8_t* input2, int8_t* output) {
#define FW_OF(a, b) ((int8_t)(fw_product(p, a, b) + p->output_zero_point))
#include "pair_rows.h"
}
