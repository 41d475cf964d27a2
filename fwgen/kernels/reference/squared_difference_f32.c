/* out = (in1 - in2)^2, rounded twice. */
#include "squared_difference_f32.h"

void fw_squared_difference_f32(const fw_pairs* p, const float* input1, const float* input2,
                               float* output) {
#define FW_OF(a, b) (((a) - (b)) * ((a) - (b)))
#include "pair_rows.h"
}
