/* out = condition ? in1 : in2; two loads and a store per output. */
#include "select_f32.h"

void fw_select_f32(const fw_select_params* p, const uint8_t* condition, const float* input1,
                   const float* input2, float* output) {
#include "select_rows.h"
}
