/* out = in1 - in2 * floor(in1 / in2), exactly, but for the last sum: a step per bit of the
 * quotient. */
#include "floor_mod_f32.h"

#include "reals.h"

void fw_floor_mod_f32(const fw_pairs* p, const float* input1, const float* input2, float* output) {
#define FW_OF(a, b) fw_modulus(a, b)
#include "pair_rows.h"
}
