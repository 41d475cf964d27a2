/* out = max(in1, in2) of the raw values; one comparison per output. */
#include "maximum_f32.h"

void fw_maximum_f32(const fw_pairs* p, const float* input1, const float* input2, float* output) {
#define FW_OF(a, b) ((a) > (b) ? (a) : (b))
#include "pair_rows.h"
}
