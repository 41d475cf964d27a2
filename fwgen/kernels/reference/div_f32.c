/* out = clamp(in1 / in2); a NaN stays one. */
#include "div_f32.h"

void fw_div_f32(const fw_pairs* p, const float* bounds, const float* input1, const float* input2,
                float* output) {
#define FW_OF(a, b) fw_clamp_float((a) / (b), bounds)
#include "pair_rows.h"
}
