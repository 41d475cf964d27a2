/* out = condition ? in1 : in2; two loads and a store per output. */
#include "select_s16.h"

void fw_select_s16(const fw_select_params* p, const uint8_t* condition, const int16_t* input1,
                   const int16_t* input2, int16_t* output) {
#include "select_rows.h"
}
