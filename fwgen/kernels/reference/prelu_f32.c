/* out = in1 < 0 ? in1 * in2 : in1. */
#include "prelu_f32.h"

void fw_prelu_f32(const fw_pairs* p, const float* input1, const float* input2, float* output) {
#define FW_OF(a, b) ((a) >= 0.0f ? (a) : (a) * (b))
#include "pair_rows.h"
}
