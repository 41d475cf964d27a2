/* out = clamp(zp_out + requantize(in1 < 0 ? in1 * in2 : in1)); one requantization per output. */
#include "prelu_s16.h"

void fw_prelu_s16(const fw_prelu_params* p, const int16_t* input1, const int8_t* input2,
                  int16_t* output) {
#define FW_OF(a, b) ((int16_t)fw_sloped(p, a, b))
#include "pair_rows.h"
}
